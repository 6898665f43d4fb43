! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! arrays <model>: the Fortran module on arrays of a program, in place and apart; shapes, sections with gaps, and errors.
program arrays
  use ign
  use checks
  use, intrinsic :: iso_c_binding, only: c_float, c_loc, c_f_pointer
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  implicit none
  type(ign_net) :: net, none
  real(c_float), allocatable, target :: x(:, :, :, :), y(:, :, :, :), z(:, :, :, :), mask(:, :, :), wide(:, :, :, :), scores(:)
  real(c_float), pointer :: flat(:)
  character(1000) :: model
  integer :: c, w, h, i
  integer, parameter :: n = 3

  call get_command_argument(1, model)
  call net%load(trim(model), stat, errmsg)
  call refused(ign_error_state, '[ign.state.520]', 'nothing is loaded before ign_initialize')
  call check(.not. net%is_loaded() .and. net%width() == 0, 'no net, no extents')
  call ign_initialize()
  call check(ign_is_initialized() .and. len(ign_version()) >= 5, 'Kokkos is running')
  call net%load('no such file', stat, errmsg)
  call refused(ign_error_file, '[ign.file.1] no such file', 'a missing file')
  call net%load(trim(model))
  c = net%channels()
  w = net%width()
  h = net%height()
  call check(c == 2 .and. w == 8 .and. h == 8, 'extents of the net')

  allocate (x(c, w, h, n), y(c, w, h, n), z(c, w, h, n), mask(w, h, n), wide(c, w, h, 2*n), scores(n))
  call random_number(x)
  x = 2*x - 1
  y = 9

  ! Apart, and in place; no_copy.f90 checks the addresses.
  z = x
  call net%apply(x, y)
  call check(all(x == z), 'x stays where there is an out')
  call check(any(y /= x), 'f changes x')
  call net%apply(z)
  call check(all(z == y), 'in place')

  ! One image, and images within a larger array: sections without gaps are used where they lie.
  wide = 9
  wide(:, :, :, 2:1 + n) = x
  call net%project(wide(:, :, :, 2:1 + n))
  call check(all(wide(:, :, :, 2:1 + n) == y) .and. all(wide(:, :, :, 1) == 9) .and. all(wide(:, :, :, 2 + n:) == 9), 'a section')
  z = 9
  call net%apply(x(:, :, :, 2), z(:, :, :, 3))
  call check(all(z(:, :, :, 3) == y(:, :, :, 2)) .and. all(z(:, :, :, :2) == 9), 'one image, without its last extent')

  ! The order of the numbers is that of C's (n, height, width, channels).
  z = 0
  z(2, 3, 5, 2) = 1
  call c_f_pointer(c_loc(z), flat, [size(z)])
  call check(flat((((2 - 1)*h + 5 - 1)*w + 3 - 1)*c + 2) == 1, 'order of the numbers')

  ! Known pixels stay bitwise identical.
  mask = 1
  mask(2:4, 3, :) = 0
  call net%project(x, z, times=2, mask=mask)
  do i = 1, c
    call check(all(merge(z(i, :, :, :) == x(i, :, :, :), .true., mask /= 0)), 'known pixels stay')
  end do
  call check(all(z(:, 2:4, 3, :) /= x(:, 2:4, 3, :)), 'missing pixels come from f')
  call net%project(x, z, times=0)
  call check(all(z == x), 'no application')

  call net%drift(x, scores)
  do i = 1, n
    call check(abs(scores(i) - sum((y(:, :, :, i) - x(:, :, :, i))**2)/(c*w*h)) < 1e-5, 'drift is the mean of (f(x) - x)**2')
  end do
  call net%generate(7, y)
  call net%generate(7, z(:, :, :, :2))
  call check(all(y(:, :, :, :2) == z(:, :, :, :2)), 'the first images do not depend on the others')

  ! What is refused changes nothing.
  y = 9
  call net%apply(x, y(:, :, :, :2), stat, errmsg)
  call refused(ign_error_shape, '[ign.shape.521] out has 2 images, expected 3', 'fewer images in out')
  call net%apply(x(:, :, 1:7, :), stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.521] x has the shape (2, 8, 7, 3)', 'another height')
  call net%apply(wide(:, :, :, ::2), stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.522] x is a section with gaps', 'gaps are not copied')
  call net%apply(x, wide(:, :, :, ::2), stat, errmsg)
  call refused(ign_error_shape, '[ign.shape.522] out', 'gaps in out')
  call net%project(x, y, mask=mask(:, :, :2), stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.521] mask has 2 images', 'a mask for fewer images')
  call net%drift(x, scores(:2), stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.521] scores has 2 numbers', 'fewer scores')
  call net%project(x, y, times=-1, stat=stat)
  call check(stat == ign_error_option, 'a negative number of applications')
  call none%apply(x, stat=stat, errmsg=errmsg)
  call refused(ign_error_state, '[ign.state.525]', 'no net')
  call net%set_memory(ign_device, stat, errmsg)
  call check(stat == ign_error_option .or. stat == ign_ok, 'memory of a device')
  x(1, 4, 4, 2) = ieee_value(1.0_c_float, ieee_quiet_nan)
  call net%apply(x, y, stat, errmsg)
  call check(stat == ign_error_numeric .and. index(errmsg, '[ign.numeric.521]') == 1 .and. all(y == 9), 'NaN')
  call net%apply(x(:, :, :, 1:0), stat=stat)
  call check(stat == ign_ok, 'no images, nothing to do')

  call net%free()
  call net%free()
  call ign_finalize()

end program arrays
