#define _GNU_SOURCE
#include "endpoint.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>

int cipv8_udp_bind(int fd, int family, uint16_t port) {
  union cipv8_address address;
  const struct cipv8_endpoint any = {.port = port, .family = (uint16_t)family};
  const socklen_t length = cipv8_address_store(&address, &any);
  return bind(fd, &address.generic, length) < 0 ? -errno : 0;
}

int cipv8_udp_bind_beside(int fd, struct cipv8_endpoint endpoint) {
  union cipv8_address address;
  const socklen_t length = cipv8_address_store(&address, &endpoint);
  const int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
    return -errno;
  return bind(fd, &address.generic, length) < 0 ? -errno : 0;
}

int cipv8_tcp_connect(int fd, struct cipv8_endpoint endpoint) {
  union cipv8_address address;
  const socklen_t length = cipv8_address_store(&address, &endpoint);
  return connect(fd, &address.generic, length) < 0 ? -errno : 0;
}

int cipv8_udp_port(int fd) {
  union cipv8_address address;
  socklen_t length = sizeof address;
  if (getsockname(fd, &address.generic, &length) < 0) return -errno;
  return cipv8_address_load(&address).port;
}

int cipv8_udp_steer(int fd, unsigned int offset, unsigned int mask, unsigned int sockets) {
  // Returns (byte at offset & mask) mod sockets: which socket of the group takes the datagram. A
  // datagram too short to have that byte goes to the first. X is what precedes the datagram that
  // the byte belongs to: a relay's word begins with the bits 01.
  struct sock_filter code[] = {
      BPF_STMT(BPF_LDX | BPF_IMM, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xc0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 1, 0),
      BPF_STMT(BPF_LDX | BPF_IMM, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, offset),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, sockets),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  const int result =
      setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
  return result < 0 ? -errno : 0;
}

/// Room for the ECN and the segment size, each an int.
union control {
  char bytes[2 * CMSG_SPACE(sizeof(int))];
  struct cmsghdr alignment;
};

static void read_control(struct msghdr *header, struct cipv8_inbound *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      int size;
      memcpy(&size, CMSG_DATA(c), sizeof size);
      message->segment_size = (uint32_t)size;
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
      message->ecn = *CMSG_DATA(c) & 3;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
      int class;
      memcpy(&class, CMSG_DATA(c), sizeof class);
      message->ecn = class & 3;
    }
  }
}

int cipv8_udp_receive(int fd, struct cipv8_inbound *messages, unsigned int count) {
  struct mmsghdr headers[CIPV8_BATCH];
  struct iovec parts[CIPV8_BATCH];
  union cipv8_address sources[CIPV8_BATCH];
  union control controls[CIPV8_BATCH];
  if (count > CIPV8_BATCH) count = CIPV8_BATCH;
  for (unsigned int i = 0; i < count; i++) {
    parts[i] = (struct iovec){messages[i].buffer, messages[i].capacity};
    headers[i].msg_hdr = (struct msghdr){
        .msg_name = &sources[i],
        .msg_namelen = sizeof sources[i],
        .msg_iov = &parts[i],
        .msg_iovlen = 1,
        .msg_control = &controls[i],
        .msg_controllen = sizeof controls[i],
    };
  }
  const int received = recvmmsg(fd, headers, count, MSG_DONTWAIT, NULL);
  if (received < 0) return -errno;
  for (int i = 0; i < received; i++) {
    messages[i].length = headers[i].msg_len;
    messages[i].segment_size = 0;
    messages[i].ecn = 0;
    messages[i].truncated = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    messages[i].source = cipv8_address_load(&sources[i]);
    read_control(&headers[i].msg_hdr, &messages[i]);
  }
  return received;
}

/// Room for the segment size and the ECN.
union send_control {
  char bytes[CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(int))];
  struct cmsghdr alignment;
};

static void add_control(
    struct msghdr *header, union send_control *control, int level, int type, const void *value,
    size_t size) {
  const size_t used = header->msg_controllen;
  struct cmsghdr *message = (struct cmsghdr *)(control->bytes + used);
  *message = (struct cmsghdr){
      .cmsg_level = level,
      .cmsg_type = type,
      .cmsg_len = CMSG_LEN(size),
  };
  memcpy(CMSG_DATA(message), value, size);
  header->msg_control = control;
  header->msg_controllen = used + CMSG_SPACE(size);
}

static void set_control(
    struct msghdr *header, union send_control *control, const struct cipv8_outbound *message) {
  if (message->segment_size > 0) {
    const uint16_t size = message->segment_size;
    add_control(header, control, SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  }
  if (message->ecn != 0) {
    const int class = message->ecn;
    const int is_ipv4 = message->destination.family == AF_INET;
    add_control(
        header, control, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, is_ipv4 ? IP_TOS : IPV6_TCLASS,
        &class, sizeof class);
  }
}

int cipv8_udp_send(int fd, const struct cipv8_outbound *messages, unsigned int count) {
  struct mmsghdr headers[CIPV8_BATCH];
  union cipv8_address destinations[CIPV8_BATCH];
  union send_control controls[CIPV8_BATCH];
  if (count > CIPV8_BATCH) count = CIPV8_BATCH;
  for (unsigned int i = 0; i < count; i++) {
    headers[i].msg_hdr = (struct msghdr){
        .msg_name = &destinations[i],
        .msg_namelen = cipv8_address_store(&destinations[i], &messages[i].destination),
        .msg_iov = (struct iovec *)messages[i].parts,
        .msg_iovlen = messages[i].part_count,
    };
    set_control(&headers[i].msg_hdr, &controls[i], &messages[i]);
  }
  const int sent = sendmmsg(fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}
