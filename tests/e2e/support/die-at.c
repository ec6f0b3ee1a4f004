/* Preloaded into a program, it kills it (SIGKILL) at one step that no other process can see: around the system call
 * that DIE_AT names, on a path that DIE_PATH is a part of.
 *   flock-before, flock-after: a lock is about to be asked for, or has just been got
 *   rename-before, rename-after: a file is about to be put in its place, or just has been */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void die_at(const char *step, const char *path) {
  const char *wanted = getenv("DIE_AT"), *part = getenv("DIE_PATH");
  if (wanted && part && strcmp(wanted, step) == 0 && strstr(path, part)) kill(getpid(), SIGKILL);
}

int flock(int file, int operation) {
  int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(name, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = '\0';
  die_at("flock-before", path);
  const int result = real(file, operation);
  const int error = errno;
  if (result == 0) die_at("flock-after", path);
  errno = error;
  return result;
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  die_at("rename-before", to);
  const int result = real(from, to);
  const int error = errno;
  die_at("rename-after", to);
  errno = error;
  return result;
}
