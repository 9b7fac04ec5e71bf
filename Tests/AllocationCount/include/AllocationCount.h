#pragma once

#include <stdint.h>

/// Blocks of memory that the calling thread has asked for so far.
uint64_t allocation_count(void);
