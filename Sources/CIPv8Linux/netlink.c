#include "CIPv8Linux.h"

#include <errno.h>
#include <sys/socket.h>

int cipv8_netlink_bind(int fd, uint32_t groups) {
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  const int result = bind(fd, (const struct sockaddr *)&address, sizeof address);
  return result < 0 ? -errno : 0;
}
