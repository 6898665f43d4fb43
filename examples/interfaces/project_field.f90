! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! project_field <model>: projects the fields of an ensemble where they lie, and prints how far each was from the data.
program project_field
  use ign
  use, intrinsic :: iso_c_binding, only: c_float
  implicit none
  type(ign_net) :: net
  real(c_float), allocatable :: field(:, :, :, :), drift(:)
  character(1000) :: model
  call get_command_argument(1, model)
  call ign_initialize()
  call net%load(trim(model))
  allocate (field(net%channels(), net%width(), net%height(), 4), drift(4))
  call random_number(field)
  field = 2*field - 1               ! the simulation's values, scaled to [-1, 1]
  call net%drift(field, drift)
  call net%project(field)           ! field = f(field), in place
  print '(a, 4f9.4)', 'drift:', drift
  call net%free()
  call ign_finalize()
end program project_field
