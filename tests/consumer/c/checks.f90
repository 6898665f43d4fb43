! SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
! SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

! Checks of the Fortran tests, with the variables for the errors of their calls.
module checks
  implicit none
  integer :: stat
  character(1000) :: errmsg = ''

contains

  subroutine refused(expected, text, what)
    integer, intent(in) :: expected
    character(*), intent(in) :: text, what
    call check(stat == expected .and. index(errmsg, text) == 1, what)
  end subroutine refused

  subroutine check(condition, what)
    logical, intent(in) :: condition
    character(*), intent(in) :: what
    if (condition) return
    print '(3a)', 'not so: ', what, ' (last error: '//trim(errmsg)//')'
    error stop 1
  end subroutine check

end module checks
