! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! volumes <folder of tests/golden>: fields of three dimensions by PyTorch's values, and nets for other extents.
program volumes
  use ign
  use checks
  use, intrinsic :: iso_c_binding, only: c_float, c_int64_t
  implicit none
  type(ign_net) :: net, large, linear
  real(c_float), allocatable :: x(:, :, :, :, :), y(:, :, :, :, :), z(:, :, :, :, :), mask(:, :, :, :), wide(:, :, :, :, :), &
    found(:, :, :, :, :), scores(:), rows(:, :, :, :), flat(:, :, :, :)
  character(1000) :: folder
  integer :: i
  integer, parameter :: n = 5

  call get_command_argument(1, folder)
  call ign_initialize()
  call net%load(golden('volume'))
  call check(all([net%channels(), net%width(), net%height(), net%depth()] == [2, 4, 4, 4]), 'extents of a field')
  allocate (x(2, 4, 4, 4, n), y(2, 4, 4, 4, n), z(2, 4, 4, 4, n), mask(4, 4, 4, n), scores(n))
  call read_values('volume', 'x', x)
  call read_values('volume', 'y.data', z)
  y = 9
  call net%apply(x, y)
  call check(maxval(abs(y - z)) < 1e-5, 'values of PyTorch')
  allocate (rows, source=reshape(x, [2, 4, 16, n]))
  call net%apply(rows)
  call check(all(reshape(rows, shape(y)) == y), 'all slices of a field, one below the other')
  z = 9
  call net%apply(x(:, :, :, :, 2), z(:, :, :, :, 3))
  call check(all(z(:, :, :, :, 3) == y(:, :, :, :, 2)) .and. all(z(:, :, :, :, :2) == 9), 'one field, without its last extent')
  mask = 1
  mask(2:3, 1, 2:, :) = 0
  call net%project(x, z, mask=mask)
  do i = 1, 2
    call check(all(z(i, :, :, :, :) == merge(x(i, :, :, :, :), y(i, :, :, :, :), mask /= 0)), 'missing cells come from f')
  end do
  call net%drift(x, scores)
  do i = 1, n
    call check(abs(scores(i) - sum((y(:, :, :, :, i) - x(:, :, :, :, i))**2)/128) < 1e-5, 'drift')
  end do
  call net%set_role(ign_role_source)
  call net%apply(x, y)
  call read_values('volume', 'y.source', z)
  call check(maxval(abs(y - z)) < 1e-5, 'values of PyTorch for the source')
  call net%set_role(2, stat, errmsg)
  call refused(ign_error_option, '[ign.option.530]', 'another role')
  call net%apply(x(:, :, :, 1:3, :), stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.521] x has the shape (2, 4, 4, 3, 5), expected (2, 4, 4, 4, n)', 'fewer slices')

  ! A periodic field on a grid of twice the extents is the same field, repeated.
  deallocate (x, y)
  call net%load(golden('volume_padding'))
  call check(all([net%channels(), net%width(), net%height(), net%depth()] == [2, 4, 4, 6]), 'other slices')
  allocate (x(2, 4, 4, 6, 1), y(2, 4, 4, 6, 1), wide(2, 8, 8, 12, 1), found(2, 8, 8, 12, 1))
  call random_number(x)
  call net%resize(large, 4, 4, 6, padding=ign_padding_periodic)
  call large%apply(x, y)
  call net%apply(x)
  call check(any(x /= y), 'another padding')
  call random_number(x)
  call large%apply(x, y)
  call net%resize(large, 8, 8, depth=12, padding=ign_padding_periodic)
  call check(all([large%channels(), large%width(), large%height(), large%depth()] == [2, 8, 8, 12]), 'other extents')
  call check(net%depth() == 6, 'the first net is as it was')
  call net%free()
  wide = repeated(x)
  call large%apply(wide, found)
  call check(maxval(abs(found - repeated(y))) < 1e-5*maxval(abs(y)), 'a field and its repetition')
  call large%free()

  allocate (flat(2, 2, 3, 1))
  flat = 0.5
  call linear%load(golden('mlp'))
  call linear%resize(large, 2, 6, stat=stat, errmsg=errmsg)
  call refused(ign_error_shape, '[ign.shape.480]', 'linear layers have one size')
  call check(.not. large%is_loaded(), 'no net')
  call linear%resize(large, 2, 3, depth=2, stat=stat, errmsg=errmsg)
  call refused(ign_error_option, '[ign.option.529]', 'images have no depth')
  call net%resize(large, 2, 3, stat=stat, errmsg=errmsg)
  call refused(ign_error_state, '[ign.state.525]', 'nothing is loaded')
  call linear%apply(flat)
  call linear%free()
  call ign_finalize()

contains

  function golden(name) result(path)
    character(*), intent(in) :: name
    character(:), allocatable :: path
    path = trim(folder)//'/exchange_'//name//'.safetensors'
  end function golden

  ! A tensor of a safetensors file.
  subroutine read_values(name, tensor, values)
    character(*), intent(in) :: name, tensor
    real(c_float), intent(out) :: values(:, :, :, :, :)
    character(:), allocatable :: header
    character(*), parameter :: field = '"data_offsets": ['
    integer(c_int64_t) :: size
    integer :: unit, place, begin
    open (newunit=unit, file=golden(name), access='stream', form='unformatted', status='old')
    read (unit) size
    allocate (character(size) :: header)
    read (unit) header
    place = index(header, '"'//tensor//'": {')
    place = place + index(header(place:), field) + len(field) - 1
    read (header(place:place + index(header(place:), ',') - 2), *) begin
    read (unit, pos=9 + size + begin) values
    close (unit)
  end subroutine read_values

  function repeated(field) result(twice)
    real(c_float), intent(in) :: field(:, :, :, :, :)
    real(c_float) :: twice(size(field, 1), 2*size(field, 2), 2*size(field, 3), 2*size(field, 4), size(field, 5))
    integer :: i, j, k, w, h, d
    w = size(field, 2)
    h = size(field, 3)
    d = size(field, 4)
    do k = 0, 1
      do j = 0, 1
        do i = 0, 1
          twice(:, i*w + 1:i*w + w, j*h + 1:j*h + h, k*d + 1:k*d + d, :) = field
        end do
      end do
    end do
  end function repeated

end program volumes
