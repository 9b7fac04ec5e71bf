#include "CIPv8Linux.h"

#include <errno.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>

_Static_assert(CIPV8_TUN_EXCLUSIVE == IFF_TUN_EXCL, "mirrors linux/if_tun.h");
_Static_assert(CIPV8_TUN_MULTI_QUEUE == IFF_MULTI_QUEUE, "mirrors linux/if_tun.h");

int cipv8_tun_attach(int fd, const char *name, int flags) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return -EINVAL;
  strcpy(request.ifr_name, name);
  request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags);
  return ioctl(fd, TUNSETIFF, &request) < 0 ? -errno : 0;
}

int cipv8_tun_set_header_size(int fd, int size) {
  return ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 ? -errno : 0;
}

int cipv8_tun_set_offload(int fd, unsigned int offload) {
  return ioctl(fd, TUNSETOFFLOAD, offload) < 0 ? -errno : 0;
}
