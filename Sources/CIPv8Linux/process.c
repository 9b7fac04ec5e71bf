#define _GNU_SOURCE
#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

int cipv8_name_thread(const char *name) {
  return -pthread_setname_np(pthread_self(), name);
}

int cipv8_lower_priority(int niceness) {
  // Of one thread: Linux takes a thread's id where POSIX means a process.
  return setpriority(PRIO_PROCESS, (id_t)gettid(), niceness) < 0 ? -errno : 0;
}

int cipv8_set_group_id(gid_t group) {
  return setresgid(group, group, group) < 0 ? -errno : 0;
}

int cipv8_set_user_id(uid_t user) {
  return setresuid(user, user, user) < 0 ? -errno : 0;
}

int cipv8_has_ids(uid_t user, gid_t group) {
  uid_t users[3];
  gid_t groups[3];
  if (getresuid(&users[0], &users[1], &users[2]) < 0) return -errno;
  if (getresgid(&groups[0], &groups[1], &groups[2]) < 0) return -errno;
  for (int i = 0; i < 3; i++)
    if (users[i] != user || groups[i] != group) return 0;
  return 1;
}

int cipv8_prctl(int option, unsigned long value) {
  const int result = prctl(option, value, 0UL, 0UL, 0UL);
  return result < 0 ? -errno : result;
}

int cipv8_disable_core_dumps(void) {
  const struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) < 0 ? -errno : 0;
}

static int spawn_actions(
    posix_spawn_file_actions_t *actions, int log, int ready, int ready_target) {
  int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!error) error = posix_spawn_file_actions_adddup2(actions, log, STDOUT_FILENO);
  if (!error) error = posix_spawn_file_actions_adddup2(actions, log, STDERR_FILENO);
  if (!error) error = posix_spawn_file_actions_adddup2(actions, ready, ready_target);
  return error;
}

static int spawn_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_setflags(
      attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
  if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
  return error;
}

int cipv8_spawn_detached(
    const char *path, char *const *arguments, int log, int ready, int ready_target) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t child = 0;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return -error;
  error = posix_spawnattr_init(&attributes);
  if (!error) {
    error = spawn_actions(&actions, log, ready, ready_target);
    if (!error) error = spawn_attributes(&attributes);
    if (!error) error = posix_spawn(&child, path, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error ? -error : child;
}

int cipv8_unix_send(const char *path, const char *message) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const size_t length = strlen(path);
  if (length == 0 || length >= sizeof address.sun_path) return -EINVAL;
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  const ssize_t sent = sendto(
      fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
  const int result = sent < 0 ? -errno : 0;
  close(fd);
  return result;
}

_Static_assert(CIPV8_EAI_NODATA == EAI_NODATA, "mirrors netdb.h");

int cipv8_resolve(const char *host, struct cipv8_endpoint *endpoints, int capacity) {
  const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *list = NULL;
  const int error = getaddrinfo(host, NULL, &hints, &list);
  if (error) return error;
  int count = 0;
  for (const struct addrinfo *a = list; a && count < capacity; a = a->ai_next) {
    if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
    union cipv8_address address;
    memcpy(&address, a->ai_addr, a->ai_addrlen);
    endpoints[count++] = cipv8_address_load(&address);
  }
  freeaddrinfo(list);
  return count;
}
