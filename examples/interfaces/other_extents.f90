! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! other_extents <model>: projects a periodic field of twice the height and width of those that the net was trained on.
program other_extents
  use ign
  use, intrinsic :: iso_c_binding, only: c_float
  implicit none
  type(ign_net) :: net, large
  real(c_float), allocatable :: field(:, :, :)
  character(1000) :: model
  call get_command_argument(1, model)
  call ign_initialize()
  call net%load(trim(model))
  call net%resize(large, width=2*net%width(), height=2*net%height(), padding=ign_padding_periodic)
  allocate (field(large%channels(), large%width(), large%height()))
  call random_number(field)
  field = 2*field - 1               ! the simulation's values, scaled to [-1, 1]
  call large%project(field)
  call large%free()                 ! in any order
  call net%free()
  call ign_finalize()
end program other_extents
