#include "CIPv8Linux.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

int cipv8_epoll_add(int epoll, int fd, uint64_t token, int edge) {
  struct epoll_event event = {.events = EPOLLIN | (edge ? EPOLLET : 0), .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int cipv8_epoll_add_stream(int epoll, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int cipv8_epoll_remove(int epoll, int fd) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
}

int cipv8_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_milliseconds) {
  struct epoll_event events[CIPV8_BATCH];
  if (capacity > CIPV8_BATCH) capacity = CIPV8_BATCH;
  const int ready = epoll_wait(epoll, events, capacity, timeout_milliseconds);
  if (ready < 0) return -errno;
  for (int i = 0; i < ready; i++) tokens[i] = events[i].data.u64;
  return ready;
}

int cipv8_timer_set(int fd, uint64_t nanoseconds) {
  const struct itimerspec moment = {
      .it_value = {
          .tv_sec = (time_t)(nanoseconds / 1000000000),
          .tv_nsec = (long)(nanoseconds % 1000000000),
      },
  };
  return timerfd_settime(fd, TFD_TIMER_ABSTIME, &moment, NULL) < 0 ? -errno : 0;
}
