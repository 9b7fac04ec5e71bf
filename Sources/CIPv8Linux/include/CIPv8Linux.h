/// What Swift cannot import from Linux: variadic calls, request-code and control-message macros,
/// packed and tuple-shaped structs. No policy. Every function returns a value or -errno.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>

// MARK: TUN (tun.c); request codes are macros with sizeof, and ifreq is a union.

/// Makes the TUN interface `name` and attaches `fd` to it (IFF_TUN, IFF_NO_PI, IFF_VNET_HDR).
/// `flags` is added to these.
int cipv8_tun_attach(int fd, const char *name, int flags);
/// The size of the offload header before each packet, in bytes.
int cipv8_tun_set_header_size(int fd, int size);
/// The TUN_F_* bits of what the reader accepts.
int cipv8_tun_set_offload(int fd, unsigned int offload);

enum {
  CIPV8_TUN_EXCLUSIVE = 0x8000,    // IFF_TUN_EXCL
  CIPV8_TUN_MULTI_QUEUE = 0x0100,  // IFF_MULTI_QUEUE
};

// MARK: UDP (udp.c); CMSG_* are macros, mmsghdr is hidden behind _GNU_SOURCE.

/// The most messages that one call takes.
enum { CIPV8_BATCH = 64 };

/// An address in host byte order; IPv4 lies in the low 32 bits of `low`.
struct cipv8_endpoint {
  uint64_t high;
  uint64_t low;
  uint32_t scope;
  uint16_t port;
  uint16_t family;  // AF_INET or AF_INET6
};

/// A buffer to receive into, and what came.
struct cipv8_inbound {
  void *buffer;
  uint32_t capacity;
  uint32_t length;
  uint32_t segment_size;  // of datagrams that the kernel joined (UDP_GRO), else 0
  uint8_t ecn;
  uint8_t truncated;
  struct cipv8_endpoint source;
};

/// A message to send: `part_count` pieces of memory, cut by the kernel into datagrams of
/// `segment_size` bytes (UDP_SEGMENT) unless that is 0.
struct cipv8_outbound {
  const struct iovec *parts;
  uint32_t part_count;
  uint32_t datagram_count;  // for the caller's use
  uint16_t segment_size;
  uint8_t ecn;  // the two bits of the IP header (RFC 3168)
  struct cipv8_endpoint destination;
};

/// Binds to the wildcard address of `family`.
int cipv8_udp_bind(int fd, int family, uint16_t port);
/// Binds to one address and port, which others that allow it may have, too (SO_REUSEADDR or
/// SO_REUSEPORT).
int cipv8_udp_bind_beside(int fd, struct cipv8_endpoint endpoint);
/// The port that `fd` is bound to.
int cipv8_udp_port(int fd);
/// Lets the byte of a datagram at `offset`, masked, choose the socket of `fd`'s SO_REUSEPORT group, in
/// the order of binding.
int cipv8_udp_steer(int fd, unsigned int offset, unsigned int mask, unsigned int sockets);
/// Receives up to `count` (at most CIPV8_BATCH) messages without blocking; how many came.
int cipv8_udp_receive(int fd, struct cipv8_inbound *messages, unsigned int count);
/// Sends up to `count` (at most CIPV8_BATCH) messages without blocking; how many went, from the
/// first on. An error concerns the first one.
int cipv8_udp_send(int fd, const struct cipv8_outbound *messages, unsigned int count);

// MARK: TCP (udp.c); as above.

/// Begins to connect a nonblocking socket.
int cipv8_tcp_connect(int fd, struct cipv8_endpoint endpoint);

// MARK: epoll (epoll.c); epoll_event is packed and holds a union.

/// Watches `fd` for input, edge-triggered if `edge` is not 0.
int cipv8_epoll_add(int epoll, int fd, uint64_t token, int edge);
/// Watches `fd` for input and for room for output, edge-triggered.
int cipv8_epoll_add_stream(int epoll, int fd, uint64_t token);
int cipv8_epoll_remove(int epoll, int fd);
/// Waits and stores up to `capacity` (at most CIPV8_BATCH) tokens; how many are ready.
int cipv8_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_milliseconds);
/// Arms `fd` for an absolute time on its clock; 0 disarms it.
int cipv8_timer_set(int fd, uint64_t nanoseconds);

// MARK: Netlink (netlink.c); sockaddr_nl needs a cast.

int cipv8_netlink_bind(int fd, uint32_t groups);

// MARK: Processes and the rest (process.c)

/// Names the calling thread; at most 15 bytes. Hidden behind _GNU_SOURCE, as are the next three.
int cipv8_name_thread(const char *name);
/// The calling thread's share of the processor, as nice(1); setpriority takes an enum of glibc's own.
int cipv8_lower_priority(int niceness);
/// Real, effective and saved ids at once, in all threads.
int cipv8_set_group_id(gid_t group);
int cipv8_set_user_id(uid_t user);
/// Whether the real, effective and saved user and group ids are all as given: 1 or 0.
int cipv8_has_ids(uid_t user, gid_t group);
/// prctl is variadic.
int cipv8_prctl(int option, unsigned long value);
/// setrlimit takes an enum of glibc's own.
int cipv8_disable_core_dumps(void);
/// Starts `path` in a session of its own: stdin is /dev/null, stdout and stderr are `log`, and
/// `ready` becomes descriptor `ready_target`; default signal dispositions, nothing blocked. The
/// child's process id.
int cipv8_spawn_detached(
    const char *path, char *const *arguments, int log, int ready, int ready_target);
/// Sends one datagram to a Unix socket; a path that begins with '@' is in the abstract namespace.
int cipv8_unix_send(const char *path, const char *message);
/// Resolves `host` for UDP, both families; how many endpoints were stored, or an EAI_* code, which
/// is negative.
int cipv8_resolve(const char *host, struct cipv8_endpoint *endpoints, int capacity);
/// The name exists, but has no addresses: EAI_NODATA, hidden behind _GNU_SOURCE.
enum { CIPV8_EAI_NODATA = -5 };
