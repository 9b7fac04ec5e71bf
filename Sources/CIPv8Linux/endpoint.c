#include "endpoint.h"

#include <endian.h>
#include <string.h>

socklen_t cipv8_address_store(
    union cipv8_address *address, const struct cipv8_endpoint *endpoint) {
  if (endpoint->family == AF_INET) {
    address->v4 = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htobe16(endpoint->port),
        .sin_addr.s_addr = htobe32((uint32_t)endpoint->low),
    };
    return sizeof address->v4;
  }
  address->v6 = (struct sockaddr_in6){
      .sin6_family = AF_INET6,
      .sin6_port = htobe16(endpoint->port),
      .sin6_scope_id = endpoint->scope,
  };
  const uint64_t halves[2] = {htobe64(endpoint->high), htobe64(endpoint->low)};
  memcpy(&address->v6.sin6_addr, halves, sizeof halves);
  return sizeof address->v6;
}

struct cipv8_endpoint cipv8_address_load(const union cipv8_address *address) {
  if (address->generic.sa_family == AF_INET) {
    return (struct cipv8_endpoint){
        .low = be32toh(address->v4.sin_addr.s_addr),
        .port = be16toh(address->v4.sin_port),
        .family = AF_INET,
    };
  }
  uint64_t halves[2];
  memcpy(halves, &address->v6.sin6_addr, sizeof halves);
  return (struct cipv8_endpoint){
      .high = be64toh(halves[0]),
      .low = be64toh(halves[1]),
      .scope = address->v6.sin6_scope_id,
      .port = be16toh(address->v6.sin6_port),
      .family = AF_INET6,
  };
}
