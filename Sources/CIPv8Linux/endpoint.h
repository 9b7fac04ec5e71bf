#pragma once

#include "CIPv8Linux.h"

#include <netinet/in.h>
#include <sys/socket.h>

/// Any UDP socket address.
union cipv8_address {
  struct sockaddr generic;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/// Fills `address`; its length.
socklen_t cipv8_address_store(
    union cipv8_address *address, const struct cipv8_endpoint *endpoint);
struct cipv8_endpoint cipv8_address_load(const union cipv8_address *address);
