# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Bad input of the example programs: each gives a clear message and an exit code that is not zero, and writes nothing.
#   cmake -DTRAIN=<program> -DGENERATE=<program> -DCONDITIONAL=<program> -DIN_SITU=<program> "-DPROGRAMS=<program>|…"
#     "-DBENCHMARKS=<program>|…" -DDIR=<scratch folder> -P tests/bad_input.cmake
# PROGRAMS have options of their own, BENCHMARKS those of Google Benchmark.

file(REMOVE_RECURSE "${DIR}")
file(MAKE_DIRECTORY "${DIR}/empty")
file(WRITE "${DIR}/text" "this is no IDX file and no checkpoint")

function(refuses message)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${DIR}/empty" RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE text)
  if(code EQUAL 0 OR NOT code MATCHES "^[0-9]+$")
    message(SEND_ERROR "${ARGN}: exit code ${code}, expected an error's")
  endif()
  if(NOT text MATCHES "${message}")
    message(SEND_ERROR "${ARGN}: said '${text}', expected '${message}'")
  endif()
  file(GLOB left "${DIR}/empty/*")
  if(left)
    message(SEND_ERROR "${ARGN}: left ${left}")
  endif()
endfunction()

refuses("bogus.*does not exist" "${TRAIN}" --data rectangles --bogus 1)
refuses("--data is missing" "${TRAIN}")
refuses("ign.file.1.*nowhere" "${TRAIN}" --data nowhere)
refuses("ign.file.8.*train-images" "${TRAIN}" --data .)
file(MAKE_DIRECTORY "${DIR}/pictures")
file(WRITE "${DIR}/pictures/a.png" "no picture")
file(WRITE "${DIR}/pictures/b.jpg" "no picture")
refuses("ign.format.318.*2 of 2.*a.png.*b.jpg" "${TRAIN}" --data ../pictures)
file(MAKE_DIRECTORY "${DIR}/webp")
file(WRITE "${DIR}/webp/a.webp" "RIFF....WEBPVP8 ")
refuses("ign.file.316.*1 .webp.*formats .png .jpg .jpeg" "${TRAIN}" --data ../webp)
refuses("ign.format.11.*text.*magic" "${TRAIN}" --data ../text)
refuses("net 'other'" "${TRAIN}" --data rectangles --net other)
refuses("recipe 'other'" "${TRAIN}" --data rectangles --recipe other)
refuses("source 'other'.*spectral-hermitian" "${TRAIN}" --data rectangles --source other)
refuses("ign.option.85.*batch of 1000" "${TRAIN}" --data rectangles --steps 1 --batch 1000)
refuses("--steps is 'abc', expected a whole number from 1" "${TRAIN}" --data rectangles --steps abc)
refuses("--lr is '0,001', expected a finite number" "${TRAIN}" --data rectangles --lr 0,001)
refuses("--seconds is '1m', expected a finite number" "${TRAIN}" --data rectangles --seconds 1m)
refuses("ign.option.106.*--without fog" "${TRAIN}" --data rectangles --without fog)
refuses("ign.option.565.*2 numbers" "${TRAIN}" --data rectangles --distillation-weights 1,2)
refuses("ign.option.105.*--distillation 0" "${TRAIN}" --data rectangles --distillation 0 --distillation-lr 1e-3)
refuses("--distillation is '1'" "${TRAIN}" --data rectangles --distillation 1)
foreach(option IN ITEMS epochs steps seconds batch)
  refuses("--${option} is '0'" "${TRAIN}" --data rectangles --${option} 0)
endforeach()
refuses("text.*folder|cannot make" "${TRAIN}" --data rectangles --steps 1 --batch 16 --out ../text/sub)
refuses("ign.format.2[01].*text" "${TRAIN}" --data rectangles --steps 1 --batch 16 --resume ../text)
refuses("ign.file.1.*absent" "${GENERATE}" --checkpoint absent)
refuses("ign.format.2[01].*text" "${GENERATE}" --checkpoint ../text)

# Options are checked before folders are made, and inputs before the training.
refuses("ign.option.108.*policy 'other'" "${IN_SITU}" --policy other)
refuses("ign.option.114.*padding 'other'" "${IN_SITU}" --padding other)
refuses("ign.option.103.*--data or --features is missing" "${CONDITIONAL}")
refuses("ign.file.1.*absent" "${CONDITIONAL}" --data rectangles --features absent --steps 1 --out ../conditional)
if(EXISTS "${DIR}/conditional/model.safetensors")
  message(SEND_ERROR "${CONDITIONAL}: trained before it opened --features")
endif()

# Several processes of mpirun, of which MPI knows nothing, or which the program is not made for.
set(ENV{MV2_COMM_WORLD_SIZE} 2)
refuses("ign.state.49[57].*2 processes" "${TRAIN}" --data rectangles --steps 1)
refuses("ign.state.495.*started as 2 processes" "${GENERATE}" --checkpoint absent)
unset(ENV{MV2_COMM_WORLD_SIZE})

# Every program: an unknown option is an error, also beside options of Kokkos; --help prints the help of the program.
string(REPLACE "|" ";" programs "${PROGRAMS}")
string(REPLACE "|" ";" benchmarks "${BENCHMARKS}")
foreach(program IN LISTS programs)
  refuses("bogus.*does not exist" "${program}" --kokkos-num-threads=1 --bogus 1)
  refuses("bogus.*does not exist" "${program}" --bogus=1 --kokkos-num-threads=1)
  refuses("--kokkos-bogus=1" "${program}" --kokkos-bogus=1)
endforeach()
foreach(program IN LISTS programs benchmarks)
  execute_process(COMMAND "${program}" --help --kokkos-num-threads=1 WORKING_DIRECTORY "${DIR}/empty" RESULT_VARIABLE code OUTPUT_VARIABLE text
    ERROR_VARIABLE errors)
  if(NOT code EQUAL 0 OR NOT text MATCHES "--kokkos-help lists them" OR text MATCHES "kokkos-tools-libs" OR errors)
    message(SEND_ERROR "${program} --help: exit code ${code}, '${text}${errors}'")
  endif()
endforeach()
foreach(program IN LISTS benchmarks)
  execute_process(COMMAND "${program}" --kokkos-num-threads=1 --benchmark_list_tests WORKING_DIRECTORY "${DIR}/empty" RESULT_VARIABLE code
    OUTPUT_VARIABLE text)
  if(NOT code EQUAL 0 OR NOT text MATCHES "/")
    message(SEND_ERROR "${program} --benchmark_list_tests: exit code ${code}, '${text}'")
  endif()
endforeach()
