/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls on files.
 */
#ifndef FS_CALLS_H
#define FS_CALLS_H

#include "syscall.h"

syscall_fn sys_accept, sys_accept4, sys_access, sys_bind, sys_chdir, sys_chmod, sys_chown,
	sys_chroot, sys_close, sys_connect, sys_copy_file_range, sys_creat, sys_dup, sys_dup2,
	sys_dup3, sys_epoll_create, sys_epoll_create1, sys_epoll_ctl, sys_epoll_pwait,
	sys_epoll_pwait2, sys_epoll_wait, sys_eventfd, sys_eventfd2, sys_faccessat, sys_fallocate,
	sys_fchdir, sys_fchmod, sys_fchmodat, sys_fchown, sys_fchownat, sys_fcntl, sys_flock,
	sys_fstat, sys_fstatfs, sys_fsync, sys_ftruncate, sys_futimesat, sys_getcwd, sys_getdents64,
	sys_getpeername, sys_getsockname, sys_getsockopt, sys_ioctl, sys_lchown, sys_link,
	sys_linkat, sys_listen, sys_lseek, sys_lstat, sys_memfd_create, sys_mkdir, sys_mkdirat,
	sys_mknod, sys_mknodat, sys_mount, sys_newfstatat, sys_open, sys_openat, sys_pipe,
	sys_pipe2, sys_poll, sys_ppoll, sys_pread64, sys_preadv, sys_pselect6, sys_pwrite64,
	sys_pwritev, sys_read, sys_readlink, sys_readlinkat, sys_readv, sys_recvfrom, sys_rename,
	sys_renameat, sys_renameat2, sys_rmdir, sys_select, sys_sendfile, sys_sendto,
	sys_setsockopt, sys_shutdown, sys_signalfd, sys_signalfd4, sys_socket, sys_socketpair,
	sys_stat, sys_statfs, sys_statx, sys_symlink, sys_symlinkat, sys_sync, sys_timerfd_create,
	sys_timerfd_gettime, sys_timerfd_settime, sys_truncate, sys_umask, sys_umount2, sys_unlink,
	sys_unlinkat, sys_utime, sys_utimensat, sys_utimes, sys_write, sys_writev;

#endif
