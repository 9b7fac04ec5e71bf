/* Benchmark only: loaded before libipsec-mb and libsodium (LD_PRELOAD) it makes the CPU look like one
 * without AES instructions, so that a daemon offers ChaCha20-Poly1305 alone. */
#include <intel-ipsec-mb.h>
#include <stdio.h>

/* Without features the daemon gives the library up again. */
void init_mb_mgr_auto(IMB_MGR *manager, IMB_ARCH *arch) {
  *arch = IMB_ARCH_NONE;
  manager->features = 0;
  fputs("bench: interposed: no AES instructions\n", stderr);
}

int crypto_aead_aes256gcm_is_available(void) { return 0; }
