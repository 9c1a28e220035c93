/* SPDX-License-Identifier: MIT */
/*
 * files.h: what processes need of the file systems. References are counted; what is created,
 * cloned or opened belongs to the caller until it is dropped.
 */
#ifndef KERNEL_FS_FILES_H
#define KERNEL_FS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct files;      /* descriptors of a process */
struct fs_context; /* its root, working directory and umask */

/* Mounts the root from the initial RAM disk, and /dev and /proc on it. Panics when it cannot. */
void fs_init(void);

/* Gives everything back, so that leaks show. All processes are gone. */
void fs_deinit(void);

/* For the first process: descriptors 0 to 2 on the console, working directory /. NULL: no memory.
 */
struct files *files_create(void);
struct fs_context *fs_context_create(void);

/* A copy (fork), NULL: no memory; the same once more (CLONE_FILES, CLONE_FS). */
struct files *files_clone(struct files *files);
struct files *files_share(struct files *files);
struct fs_context *fs_context_clone(struct fs_context *fs);
struct fs_context *fs_context_share(struct fs_context *fs);

/* Whether another process has them, too. */
bool files_are_shared(const struct files *files);

void files_close_on_exec(struct files *files);
void files_drop(struct files *files);
void fs_context_drop(struct fs_context *fs);

/* Opens a regular file that the current process may execute: 0, or a negated errno. */
int file_open_exec(const char *path, struct file **out);

/* The current process's descriptor for mmap: 0, or -EBADF, -EACCES (not open for this), -ENODEV,
 * -EPERM (sealed). */
int file_for_mmap(int fd, unsigned prot, unsigned flags, struct file **out);

/* Whether it was opened for writing. */
bool file_is_writable(const struct file *file);

/* A process ends: if it leads its terminal's session, the terminal loses it. */
struct process;
void terminal_leave(struct process *process);

/* The first process leads a session on the console from its start. */
void terminal_give(struct process *process);

/* The process group in a terminal's foreground; 0: none. */
struct tty;
int32_t terminal_foreground(const struct tty *tty);

struct file *file_acquire(struct file *file);
void file_release(struct file *file);

/* Reads at an offset without sleeping, into kernel memory: bytes (0 at the end), or negated errno.
 */
int64_t file_read_at(struct file *file, void *to, size_t n, uint64_t offset);

/*
 * The frame that holds page `index` of the file, zeros behind its end; held once more for the
 * caller (pages.h). It is the file's own: to be mapped read-only, or for writing if `shared` was
 * true. FRAME_NONE: the file ends before, or no memory.
 */
uint64_t file_page(struct file *file, uint64_t index, bool shared);

/* How many pages from `index` on, at most n, lie side by side in the initial RAM disk, and where
 * the first does: they may be mapped read-only and privately without being held. */
unsigned file_pages_in_place(struct file *file, uint64_t index, unsigned n, uint64_t *phys);

/* The file's absolute path for /proc/PID/maps and exe: length written, as snprintf. */
size_t file_path(struct file *file, char *to, size_t size);

#endif
