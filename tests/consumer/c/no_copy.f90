! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! no_copy <model> [copy]: the arrays of a program reach libign where they lie. addresses.c records what the library receives.
!
! With the argument `copy` an array passes through a procedure that requires a copy: the check must fail.
program no_copy
  use ign
  use, intrinsic :: iso_c_binding, only: c_float, c_ptr, c_loc, c_associated
  implicit none
  interface
    function recorded_in() bind(c) result(address)
      import :: c_ptr
      type(c_ptr) :: address
    end function recorded_in
    function recorded_mask() bind(c) result(address)
      import :: c_ptr
      type(c_ptr) :: address
    end function recorded_mask
    function recorded_out() bind(c) result(address)
      import :: c_ptr
      type(c_ptr) :: address
    end function recorded_out
  end interface
  type(ign_net) :: net
  real(c_float), allocatable, target :: x(:, :, :, :), y(:, :, :, :), mask(:, :, :), wide(:, :, :, :), scores(:)
  character(1000) :: model, way
  integer :: c, w, h
  integer, parameter :: n = 3

  call get_command_argument(1, model)
  call get_command_argument(2, way)
  call ign_initialize()
  call net%load(trim(model))
  c = net%channels()
  w = net%width()
  h = net%height()
  allocate (x(c, w, h, n), y(c, w, h, n), mask(w, h, n), wide(c, w, h, 2*n), scores(n))
  call random_number(x)
  call random_number(wide)
  mask = 1
  mask(2:4, 3, :) = 0

  if (way == 'copy') then
    call packed(wide(:, :, :, ::2))
    call reached(recorded_out(), c_loc(wide), 'a section with gaps, through a dummy argument that is contiguous')
  end if

  call net%apply(x)
  call reached(recorded_in(), c_loc(x), 'x of apply in place')
  call reached(recorded_out(), c_loc(x), 'the result of apply in place')
  call net%apply(x, y)
  call reached(recorded_in(), c_loc(x), 'x of apply')
  call reached(recorded_out(), c_loc(y), 'out of apply')
  call net%project(x, y, times=2, mask=mask)
  call reached(recorded_in(), c_loc(x), 'x of project')
  call reached(recorded_mask(), c_loc(mask), 'mask of project')
  call reached(recorded_out(), c_loc(y), 'out of project')
  call net%project(wide(:, :, :, 2:1 + n))
  call reached(recorded_out(), c_loc(wide(1, 1, 1, 2)), 'a section without gaps')
  call net%apply(wide(:, :, :, 5))
  call reached(recorded_out(), c_loc(wide(1, 1, 1, 5)), 'one image')
  call net%drift(x, scores)
  call reached(recorded_in(), c_loc(x), 'x of drift')
  call reached(recorded_out(), c_loc(scores), 'scores of drift')
  call net%generate(7, y)
  call reached(recorded_out(), c_loc(y), 'out of generate')
  call net%free()
  call ign_finalize()

contains

  subroutine packed(fields)
    real(c_float), contiguous, intent(inout) :: fields(:, :, :, :)
    call net%apply(fields)
  end subroutine packed

  subroutine reached(address, expected, what)
    type(c_ptr), intent(in) :: address, expected
    character(*), intent(in) :: what
    if (c_associated(address, expected)) return
    print '(2a)', 'copied: ', what
    error stop 1
  end subroutine reached

end program no_copy
