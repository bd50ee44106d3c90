#include "bucket.h"

#define ONE 1000

void bucket_init(struct bucket *bucket, int64_t burst, int64_t now_ms)
{
	bucket->thousandths = burst * ONE;
	bucket->at_ms = now_ms;
}

bool bucket_take(struct bucket *bucket, int64_t tokens, int64_t rate,
		 int64_t burst, int64_t now_ms)
{
	int64_t full = burst * ONE;
	int64_t passed = now_ms - bucket->at_ms;

	/* After that long it is full anyway; and no product overflows. */
	if (passed > full / rate)
		passed = full / rate + 1;
	if (passed > 0) {
		bucket->thousandths += passed * rate;
		bucket->at_ms = now_ms;
	}
	if (bucket->thousandths > full)
		bucket->thousandths = full;
	if (bucket->thousandths < tokens * ONE)
		return false;
	bucket->thousandths -= tokens * ONE;
	return true;
}

int64_t bucket_wait_ms(const struct bucket *bucket, int64_t tokens,
		       int64_t rate)
{
	int64_t missing = tokens * ONE - bucket->thousandths;

	return missing > 0 ? (missing + rate - 1) / rate : 0;
}
