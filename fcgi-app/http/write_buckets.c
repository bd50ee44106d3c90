#include "write_buckets.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"

#define SLOTS 65536
#define SECOND_US 1000000

struct write_buckets {
	uint8_t seed[CRYPT_SEED_SIZE];
	_Atomic int64_t paid_until[SLOTS]; /* microseconds */
};

struct write_buckets *write_buckets_new(void)
{
	struct write_buckets *buckets = mem_shared_new(sizeof(*buckets));

	crypt_random(buckets->seed, sizeof(buckets->seed));
	return buckets;
}

void write_buckets_free(struct write_buckets *buckets)
{
	mem_shared_free(buckets, sizeof(*buckets));
}

static _Atomic int64_t *slot_of(struct write_buckets *buckets, const char *user)
{
	uint64_t hash = crypt_hash(user, strlen(user), buckets->seed);

	return &buckets->paid_until[hash % SLOTS];
}

/* Microseconds that one write pays for. */
static int64_t price_of(const struct write_rate *rate)
{
	return rate->seconds * SECOND_US / rate->rate;
}

int64_t write_buckets_take(struct write_buckets *buckets, const char *user,
			   const struct write_rate *rate, int64_t now_us)
{
	_Atomic int64_t *slot = slot_of(buckets, user);
	int64_t each = price_of(rate);
	int64_t ahead = each * rate->burst;
	int64_t was = atomic_load(slot);

	for (;;) {
		int64_t from = was > now_us ? was : now_us;
		int64_t wait = from + each - now_us - ahead;

		if (wait > 0)
			return wait;
		if (atomic_compare_exchange_weak(slot, &was, from + each))
			return 0;
	}
}

void write_buckets_give_back(struct write_buckets *buckets, const char *user,
			     const struct write_rate *rate)
{
	atomic_fetch_sub(slot_of(buckets, user), price_of(rate));
}
