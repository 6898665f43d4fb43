! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

!> Fortran interface: apply a trained net to arrays of the program, without a copy. Fortran 2018; on top of ign/c/ign.h, which says
!> more about Kokkos, threads and devices.
!>
!> Images are arrays x(channels, width, height, n) of real(c_float), contiguous: the memory of C's (n, height, width, channels). Fields of
!> three dimensions are x(channels, width, height, depth, n). An extent of one may be left out at either end: x(width, height, n) for one
!> channel, x(channels, width, height) for one image. A section with gaps is refused; it is never copied.
!>
!> All subroutines take the optional arguments stat and errmsg, as ALLOCATE does. Without stat, an error ends the program with its
!> text.
module ign
  use, intrinsic :: iso_c_binding, only: c_ptr, c_null_ptr, c_loc, c_associated, c_f_pointer, c_int, c_int64_t, c_float, c_char, &
    c_null_char, c_size_t
  use, intrinsic :: iso_fortran_env, only: error_unit
  implicit none
  private
  public :: ign_net, ign_initialize, ign_finalize, ign_is_initialized, ign_version

  !> Values of stat: those of ign_status in ign/c/ign.h.
  integer, parameter, public :: ign_ok = 0, ign_error_shape = 1, ign_error_option = 2, ign_error_file = 3, ign_error_format = 4, &
    ign_error_numeric = 5, ign_error_state = 6, ign_error_memory = 7, ign_error_internal = 8
  !> Values for set_memory.
  integer, parameter, public :: ign_host = 0, ign_device = 1
  !> Values for set_role.
  integer, parameter, public :: ign_role_data = 0, ign_role_source = 1
  !> Values for resize.
  integer, parameter, public :: ign_padding_of_net = 0, ign_padding_zeros = 1, ign_padding_periodic = 2, ign_padding_reflecting = 3

  !> A net with its weights. Copies by assignment refer to the same net; free it once.
  type :: ign_net
    private
    type(c_ptr) :: handle = c_null_ptr
  contains
    procedure :: load        !< load(path): reads a net from a file of the library; frees the one before
    procedure :: free        !< free(): frees the net
    procedure :: is_loaded   !< true between load and free
    procedure :: channels    !< extents of an image; 0 if no net is loaded
    procedure :: width
    procedure :: height      !< of one slice, for fields of three dimensions
    procedure :: depth       !< slices of a field of three dimensions; 1 for images
    procedure :: resize      !< resize(other, width, height [, depth] [, padding]): other gets the weights, in memory once for both
    procedure :: set_role    !< set_role(ign_role_source): x of further calls is noise, or damaged data, where f was trained on that
    procedure :: set_memory  !< set_memory(ign_device): arrays lie on the GPU; refused where Kokkos runs on the host
    procedure :: apply       !< apply(x [, out]): out = f(x); in place if out is absent
    procedure :: project     !< project(x [, out] [, times] [, mask]): applies f `times` times; known pixels, mask /= 0, stay identical
    procedure :: drift       !< drift(x, scores [, mask]): mean of (f(x) - x)**2 of each image
    procedure :: generate    !< generate(seed, out): draws images
  end type ign_net

  interface
    function c_initialize() bind(c, name='ign_initialize') result(status)
      import :: c_int
      integer(c_int) :: status
    end function c_initialize
    function c_finalize() bind(c, name='ign_finalize') result(status)
      import :: c_int
      integer(c_int) :: status
    end function c_finalize
    function c_is_initialized() bind(c, name='ign_is_initialized') result(answer)
      import :: c_int
      integer(c_int) :: answer
    end function c_is_initialized
    function c_version() bind(c, name='ign_version') result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function c_version
    function c_last_error() bind(c, name='ign_last_error') result(text)
      import :: c_ptr
      type(c_ptr) :: text
    end function c_last_error
    function c_load(path, net) bind(c, name='ign_load') result(status)
      import :: c_int, c_char, c_ptr
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(inout) :: net
      integer(c_int) :: status
    end function c_load
    function c_free(net) bind(c, name='ign_free') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net
      integer(c_int) :: status
    end function c_free
    function c_volume_extents(net, depth, height, width, channels) bind(c, name='ign_volume_extents') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net
      integer(c_int), intent(out) :: depth, height, width, channels
      integer(c_int) :: status
    end function c_volume_extents
    function c_resize(net, depth, height, width, padding, resized) bind(c, name='ign_resize') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net
      integer(c_int), value :: depth, height, width, padding
      type(c_ptr), intent(inout) :: resized
      integer(c_int) :: status
    end function c_resize
    function c_set_role(net, role) bind(c, name='ign_set_role') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net
      integer(c_int), value :: role
      integer(c_int) :: status
    end function c_set_role
    function c_set_memory(net, memory) bind(c, name='ign_set_memory') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net
      integer(c_int), value :: memory
      integer(c_int) :: status
    end function c_set_memory
    function c_project(net, n, times, mask, in, out) bind(c, name='ign_project') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net, mask, in, out
      integer(c_int), value :: n, times
      integer(c_int) :: status
    end function c_project
    function c_drift(net, n, mask, in, scores) bind(c, name='ign_drift') result(status)
      import :: c_int, c_ptr
      type(c_ptr), value :: net, mask, in, scores
      integer(c_int), value :: n
      integer(c_int) :: status
    end function c_drift
    function c_generate(net, seed, n, out) bind(c, name='ign_generate') result(status)
      import :: c_int, c_int64_t, c_ptr
      type(c_ptr), value :: net, out
      integer(c_int64_t), value :: seed
      integer(c_int), value :: n
      integer(c_int) :: status
    end function c_generate
    function c_strlen(text) bind(c, name='strlen') result(length)
      import :: c_ptr, c_size_t
      type(c_ptr), value :: text
      integer(c_size_t) :: length
    end function c_strlen
  end interface

  character(*), parameter :: not_loaded = '[ign.state.525] no net is loaded, expected a call of load before'

  !> The first error of a call.
  type :: outcome
    integer :: status = ign_ok
    character(:), allocatable :: text
  end type outcome

contains

  !> Initialises Kokkos, unless it is running: see ign_initialize in C.
  subroutine ign_initialize(stat, errmsg)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call finish(outcome_of(c_initialize()), stat, errmsg)
  end subroutine ign_initialize

  !> Undoes a call of ign_initialize: see ign_finalize in C.
  subroutine ign_finalize(stat, errmsg)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call finish(outcome_of(c_finalize()), stat, errmsg)
  end subroutine ign_finalize

  !> True if Kokkos is running.
  logical function ign_is_initialized()
    ign_is_initialized = c_is_initialized() /= 0
  end function ign_is_initialized

  !> Version of the library, such as 0.1.0.
  function ign_version() result(text)
    character(:), allocatable :: text
    text = text_at(c_version())
  end function ign_version

  subroutine load(net, path, stat, errmsg)
    class(ign_net), intent(inout) :: net
    character(*), intent(in) :: path
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: new
    type(outcome) :: result
    new = c_null_ptr
    result = outcome_of(c_load(path//c_null_char, new))
    if (result%status == ign_ok) then
      result = outcome_of(c_free(net%handle))
      net%handle = new
    end if
    call finish(result, stat, errmsg)
  end subroutine load

  subroutine free(net, stat, errmsg)
    class(ign_net), intent(inout) :: net
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(outcome) :: result
    result = outcome_of(c_free(net%handle))
    net%handle = c_null_ptr
    call finish(result, stat, errmsg)
  end subroutine free

  logical function is_loaded(net)
    class(ign_net), intent(in) :: net
    is_loaded = c_associated(net%handle)
  end function is_loaded

  integer function channels(net)
    class(ign_net), intent(in) :: net
    channels = extent(net, 1)
  end function channels

  integer function width(net)
    class(ign_net), intent(in) :: net
    width = extent(net, 2)
  end function width

  integer function height(net)
    class(ign_net), intent(in) :: net
    height = extent(net, 3)
  end function height

  integer function depth(net)
    class(ign_net), intent(in) :: net
    depth = extent(net, 4)
  end function depth

  !> \param other    the net for these extents; the one that it was before is freed. Free both nets
  !> \param height   rows of an image, or of one slice
  !> \param depth    slices of a field of three dimensions, 1 if absent
  !> \param padding  continuation of images in all convolutions, ign_padding_periodic for example; as it is if absent
  subroutine resize(net, other, width, height, depth, padding, stat, errmsg)
    class(ign_net), intent(in) :: net
    type(ign_net), intent(inout) :: other
    integer, intent(in) :: width, height
    integer, intent(in), optional :: depth, padding
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(c_ptr) :: new
    type(outcome) :: result
    integer :: slices, continuation
    slices = 1
    if (present(depth)) slices = depth
    continuation = ign_padding_of_net
    if (present(padding)) continuation = padding
    new = c_null_ptr
    if (.not. net%is_loaded()) call set(result, not_loaded, ign_error_state)
    if (result%status == ign_ok) then
      result = outcome_of(c_resize(net%handle, int(slices, c_int), int(height, c_int), int(width, c_int), &
        int(continuation, c_int), new))
    end if
    if (result%status == ign_ok) then
      if (c_associated(other%handle) .and. .not. c_associated(other%handle, net%handle)) result = outcome_of(c_free(other%handle))
      other%handle = new
    end if
    call finish(result, stat, errmsg)
  end subroutine resize

  subroutine set_role(net, role, stat, errmsg)
    class(ign_net), intent(in) :: net
    integer, intent(in) :: role
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call finish(outcome_of(c_set_role(net%handle, int(role, c_int))), stat, errmsg)
  end subroutine set_role

  subroutine set_memory(net, memory, stat, errmsg)
    class(ign_net), intent(in) :: net
    integer, intent(in) :: memory
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call finish(outcome_of(c_set_memory(net%handle, int(memory, c_int))), stat, errmsg)
  end subroutine set_memory

  !> \param x    defined on return if out is absent
  !> \param out  an array of the shape of x that does not overlap it
  subroutine apply(net, x, out, stat, errmsg)
    class(ign_net), intent(in) :: net
    real(c_float), target :: x(..)
    real(c_float), target, optional :: out(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call project(net, x, out, stat=stat, errmsg=errmsg)
  end subroutine apply

  !> \param times  applications of f, 1 if absent
  !> \param mask   x without the channels
  subroutine project(net, x, out, times, mask, stat, errmsg)
    class(ign_net), intent(in) :: net
    real(c_float), target :: x(..)
    real(c_float), target, optional :: out(..), mask(..)
    integer, intent(in), optional :: times
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(outcome) :: result
    type(c_ptr) :: from, to, known
    integer :: n, applications
    applications = 1
    if (present(times)) applications = times
    call images(net, 'x', x, from, n, result, first=.true.)
    to = from
    if (present(out)) call images(net, 'out', out, to, n, result, first=.false.)
    known = c_null_ptr
    if (present(mask)) call masks(net, mask, known, n, result)
    if (result%status == ign_ok) then
      result = outcome_of(c_project(net%handle, int(n, c_int), int(applications, c_int), known, from, to))
    end if
    call finish(result, stat, errmsg)
  end subroutine project

  !> \param scores  (n)
  subroutine drift(net, x, scores, mask, stat, errmsg)
    class(ign_net), intent(in) :: net
    real(c_float), target :: x(..)
    real(c_float), target, intent(out) :: scores(:)
    real(c_float), target, optional :: mask(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(outcome) :: result
    type(c_ptr) :: from, to, known
    integer :: n
    call images(net, 'x', x, from, n, result, first=.true.)
    known = c_null_ptr
    if (present(mask)) call masks(net, mask, known, n, result)
    if (size(scores) /= n) call set(result, '[ign.shape.521] scores has '//number(size(scores))//' numbers, expected '// &
      number(n)//', one for each image')
    to = c_null_ptr
    if (is_contiguous(scores) .and. size(scores) > 0) then
      to = c_loc(scores)
    else if (size(scores) > 0) then
      call set(result, gaps('scores'))
    end if
    if (result%status == ign_ok) result = outcome_of(c_drift(net%handle, int(n, c_int), known, from, to))
    call finish(result, stat, errmsg)
  end subroutine drift

  subroutine generate(net, seed, out, stat, errmsg)
    class(ign_net), intent(in) :: net
    integer, intent(in) :: seed
    real(c_float), target :: out(..)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    type(outcome) :: result
    type(c_ptr) :: to
    integer :: n
    call images(net, 'out', out, to, n, result, first=.true.)
    if (result%status == ign_ok) result = outcome_of(c_generate(net%handle, int(seed, c_int64_t), int(n, c_int), to))
    call finish(result, stat, errmsg)
  end subroutine generate

  ! Address and number of the images in an array.
  subroutine images(net, name, x, address, n, result, first)
    class(ign_net), intent(in) :: net
    character(*), intent(in) :: name
    real(c_float), target, intent(in) :: x(..)
    type(c_ptr), intent(out) :: address
    integer, intent(inout) :: n
    type(outcome), intent(inout) :: result
    logical, intent(in) :: first
    call located(net, name, x, [net%channels(), net%width(), net%height(), net%depth()], address, n, result, first)
  end subroutine images

  subroutine masks(net, x, address, n, result)
    class(ign_net), intent(in) :: net
    real(c_float), target, intent(in) :: x(..)
    type(c_ptr), intent(out) :: address
    integer, intent(inout) :: n
    type(outcome), intent(inout) :: result
    call located(net, 'mask', x, [1, net%width(), net%height(), net%depth()], address, n, result, .false.)
  end subroutine masks

  ! \param of_one  extents of one image
  ! \param first   true: sets n, to 0 or -1 on an error; false: n must be as it is
  subroutine located(net, name, x, of_one, address, n, result, first)
    class(ign_net), intent(in) :: net
    character(*), intent(in) :: name
    real(c_float), target, intent(in) :: x(..)
    integer, intent(in) :: of_one(4)
    type(c_ptr), intent(out) :: address
    integer, intent(inout) :: n
    type(outcome), intent(inout) :: result
    logical, intent(in) :: first
    integer :: count, last
    address = c_null_ptr
    if (first) n = 0
    if (.not. net%is_loaded()) call set(result, not_loaded, ign_error_state)
    if (result%status /= ign_ok) return
    count = images_in(shape(x), of_one)
    if (count < 0) count = images_in(shape(x), [of_one(1:2), of_one(3)*of_one(4)])
    if (count < 0) then
      last = merge(4, 3, of_one(4) > 1)
      call set(result, '[ign.shape.521] '//name//' has the shape ('//list(shape(x))//'), expected ('//list(of_one(:last))//', n)')
    else if (.not. first .and. count /= n) then
      call set(result, '[ign.shape.521] '//name//' has '//number(count)//' images, expected '//number(n)//', as many as x')
    else if (.not. is_contiguous(x)) then
      call set(result, gaps(name))
    else if (count > 0) then
      address = c_loc(x)
    end if
    if (first) n = count
  end subroutine located

  ! Number of images in an array of this shape, with or without an extent of one channel; -1 if it does not fit.
  integer function images_in(extents, of_one)
    integer, intent(in) :: extents(:), of_one(:)
    images_in = -1
    if (of_one(1) == 1) images_in = images_of(extents, of_one(2:))
    if (images_in < 0) images_in = images_of(extents, of_one)
  end function images_in

  integer function images_of(extents, of_one)
    integer, intent(in) :: extents(:), of_one(:)
    integer :: last
    last = size(of_one)
    images_of = -1
    if (size(extents) /= last .and. size(extents) /= last + 1) return
    if (any(extents(:last) /= of_one)) return
    images_of = 1
    if (size(extents) == last + 1) images_of = extents(last + 1)
  end function images_of

  function gaps(name) result(text)
    character(*), intent(in) :: name
    character(:), allocatable :: text
    text = '[ign.shape.522] '//name//' is a section with gaps, expected a contiguous array: it would have to be copied'
  end function gaps

  integer function extent(net, which)
    class(ign_net), intent(in) :: net
    integer, intent(in) :: which
    integer(c_int) :: extents(4)
    extents = 0
    if (net%is_loaded()) then
      if (c_volume_extents(net%handle, extents(4), extents(3), extents(2), extents(1)) /= ign_ok) extents = 0
    end if
    extent = extents(which)
  end function extent

  function outcome_of(status) result(made)
    integer(c_int), intent(in) :: status
    type(outcome) :: made
    made%status = status
    if (status /= ign_ok) made%text = text_at(c_last_error())
  end function outcome_of

  ! Sets the text of a first error.
  subroutine set(result, text, status)
    type(outcome), intent(inout) :: result
    character(*), intent(in) :: text
    integer, intent(in), optional :: status
    if (result%status /= ign_ok) return
    result%status = ign_error_shape
    if (present(status)) result%status = status
    result%text = text
  end subroutine set

  subroutine finish(result, stat, errmsg)
    type(outcome), intent(in) :: result
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    if (present(stat)) stat = result%status
    if (result%status == ign_ok) return
    if (present(errmsg)) errmsg = result%text
    if (present(stat)) return
    write (error_unit, '(a)') result%text
    error stop 1
  end subroutine finish

  function text_at(address) result(text)
    type(c_ptr), intent(in) :: address
    character(:), allocatable :: text
    character(kind=c_char), pointer :: letters(:)
    integer :: i
    call c_f_pointer(address, letters, [c_strlen(address)])
    allocate (character(size(letters)) :: text)
    do i = 1, size(letters)
      text(i:i) = letters(i)
    end do
  end function text_at

  function number(value) result(text)
    integer, intent(in) :: value
    character(:), allocatable :: text
    character(12) :: digits
    write (digits, '(i0)') value
    text = trim(digits)
  end function number

  function list(values) result(text)
    integer, intent(in) :: values(:)
    character(:), allocatable :: text
    integer :: i
    text = ''
    do i = 1, size(values)
      if (i > 1) text = text//', '
      text = text//number(values(i))
    end do
  end function list

end module ign
