/* A cable with a rate, a buffer, a delay and faults, between two interfaces: frames of one leave by the
 * other. Built and started by overlay/wire.py.
 *
 *   wire A B    reads settings from standard input, one a line; prints its counters for each `count`
 *
 * Settings, of the way `ab` or `ba`:
 *   WAY rate BITS-PER-SECOND      0: without limit
 *   WAY buffer BYTES              what waits beyond is dropped at the tail
 *   WAY mark BYTES                what waits beyond gets Congestion Experienced if it allows that; 0: never
 *   WAY delay MICROSECONDS        after the last bit has left
 *   WAY loss PARTS-PER-MILLION    before the buffer
 *   WAY late PARTS-PER-MILLION MICROSECONDS    these frames are so much later: they are overtaken
 *   count
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 2048, HELD = 1 << 16 };

struct frame {
  int64_t due, order;
  int length;
  uint8_t bytes[FRAME];
};

struct way {
  int in, out;
  atomic_llong rate, buffer, mark, delay, loss, late, lateness;
  atomic_llong frames, bytes, lost, dropped, marked;
  uint64_t random;
  int64_t free_at, order;
  struct frame **heap; /* by due time, then order */
  int held;
};

static struct way ways[2];

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int chance(struct way *w, long long per_million) {
  w->random ^= w->random << 13;
  w->random ^= w->random >> 7;
  w->random ^= w->random << 17;
  return (long long)((w->random >> 11) % 1000000) < per_million;
}

static int earlier(const struct frame *a, const struct frame *b) {
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void hold(struct way *w, struct frame *f) {
  int at = w->held++;
  for (; at > 0 && earlier(f, w->heap[(at - 1) / 2]); at = (at - 1) / 2)
    w->heap[at] = w->heap[(at - 1) / 2];
  w->heap[at] = f;
}

static struct frame *take(struct way *w) {
  struct frame *first = w->heap[0], *last = w->heap[--w->held];
  int at = 0;
  for (;;) {
    int child = 2 * at + 1;
    if (child >= w->held) break;
    if (child + 1 < w->held && earlier(w->heap[child + 1], w->heap[child])) child++;
    if (!earlier(w->heap[child], last)) break;
    w->heap[at] = w->heap[child];
    at = child;
  }
  w->heap[at] = last;
  return first;
}

/* Sets Congestion Experienced; 0 where the packet does not allow it. */
static int congested(uint8_t *frame, int length) {
  uint8_t *ip = frame + 14;
  if (length < 54) return 0;
  if (frame[12] == 0x08 && frame[13] == 0x00) {
    if (!(ip[1] & 3)) return 0;
    ip[1] |= 3;
    ip[10] = ip[11] = 0;
    uint32_t sum = 0;
    for (int at = 0; at < (ip[0] & 15) * 4; at += 2) sum += ip[at] << 8 | ip[at + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = ~sum >> 8;
    ip[11] = ~sum;
    return 1;
  }
  if (frame[12] == 0x86 && frame[13] == 0xdd) {
    if (!(ip[1] >> 4 & 3)) return 0;
    ip[1] |= 0x30;
    return 1;
  }
  return 0;
}

static void arrive(struct way *w, const uint8_t *bytes, int length) {
  int64_t at = now(), rate = w->rate;
  if (chance(w, w->loss)) {
    w->lost++;
    return;
  }
  if (w->free_at < at) w->free_at = at;
  int64_t waiting = rate ? (w->free_at - at) * rate / 8000000000LL : 0;
  if (w->held == HELD || (rate && waiting + length > w->buffer)) {
    w->dropped++;
    return;
  }
  struct frame *f = malloc(sizeof *f);
  memcpy(f->bytes, bytes, length);
  f->length = length;
  if (w->mark && waiting > w->mark && congested(f->bytes, length)) w->marked++;
  if (rate) w->free_at += (length + 24) * 8000000000LL / rate; /* with preamble, check sum and gap */
  f->due = w->free_at + w->delay * 1000;
  if (chance(w, w->late)) f->due += w->lateness * 1000;
  f->order = w->order++;
  hold(w, f);
}

static void *carry(void *argument) {
  struct way *w = argument;
  struct sched_param urgent = {.sched_priority = 10};
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent);
  prctl(PR_SET_TIMERSLACK, 1UL);
  uint8_t bytes[FRAME];
  for (;;) {
    int64_t at = now();
    while (w->held && w->heap[0]->due <= at) {
      struct frame *f = take(w);
      if (send(w->out, f->bytes, f->length, 0) == f->length) {
        w->frames++;
        w->bytes += f->length;
      }
      free(f);
    }
    struct pollfd ready = {.fd = w->in, .events = POLLIN};
    int64_t wait = w->held ? w->heap[0]->due - now() : 100000000;
    if (wait < 0) wait = 0;
    struct timespec limit = {wait / 1000000000, wait % 1000000000};
    if (ppoll(&ready, 1, &limit, NULL) <= 0) continue;
    for (int batch = 0; batch < 64; batch++) {
      int length = recv(w->in, bytes, sizeof bytes, MSG_DONTWAIT);
      if (length <= 0) break;
      arrive(w, bytes, length);
    }
  }
  return NULL;
}

static int opened(const char *name) {
  int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  struct sockaddr_ll where = {.sll_family = AF_PACKET,
                              .sll_protocol = htons(ETH_P_ALL),
                              .sll_ifindex = if_nametoindex(name)};
  int size = 16 << 20, one = 1;
  if (s < 0 || !where.sll_ifindex || bind(s, (struct sockaddr *)&where, sizeof where) < 0) {
    perror(name);
    exit(1);
  }
  setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  return s;
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: wire INTERFACE INTERFACE\n");
    return 2;
  }
  int ends[2] = {opened(arguments[1]), opened(arguments[2])};
  for (int i = 0; i < 2; i++) {
    ways[i].in = ends[i];
    ways[i].out = ends[1 - i];
    ways[i].buffer = 1 << 20;
    ways[i].random = (uint64_t)now() * 2 + 1 + i;
    ways[i].heap = malloc(sizeof(struct frame *) * HELD);
    pthread_t thread;
    pthread_create(&thread, NULL, carry, &ways[i]);
  }
  char line[128], name[8], key[16];
  long long value, second;
  while (fgets(line, sizeof line, stdin)) {
    int found = sscanf(line, "%7s %15s %lld %lld", name, key, &value, &second);
    if (found == 1 && !strcmp(name, "count")) {
      for (int i = 0; i < 2; i++)
        printf("%lld %lld %lld %lld %lld ", (long long)ways[i].frames, (long long)ways[i].bytes,
               (long long)ways[i].lost, (long long)ways[i].dropped, (long long)ways[i].marked);
      printf("\n");
      fflush(stdout);
      continue;
    }
    struct way *w = &ways[!strcmp(name, "ba")];
    if (found < 3) fprintf(stderr, "not understood: %s", line);
    else if (!strcmp(key, "rate")) w->rate = value;
    else if (!strcmp(key, "buffer")) w->buffer = value;
    else if (!strcmp(key, "mark")) w->mark = value;
    else if (!strcmp(key, "delay")) w->delay = value;
    else if (!strcmp(key, "loss")) w->loss = value;
    else if (!strcmp(key, "late") && found == 4) {
      w->late = value;
      w->lateness = second;
    } else fprintf(stderr, "not understood: %s", line);
  }
  return 0;
}
