/* FastCGI records from a stream that arrives a few bytes at a time. */
#include <stdint.h>

#include "fcgi_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fcgi_decoder *dec = fcgi_decoder_new();
	enum fcgi_record_status status = FCGI_RECORD_NEED_MORE;
	struct fcgi_record record;
	uint32_t application;
	uint8_t protocol;

	while (size > 0 && status != FCGI_RECORD_MALFORMED) {
		size_t taken =
			fcgi_decoder_feed(dec, data, size < 11 ? size : 11);
		data += taken;
		size -= taken;
		while ((status = fcgi_decoder_next(dec, &record)) ==
		       FCGI_RECORD_ITEM) {
			fcgi_record_read_end(&record, &application, &protocol);
		}
	}
	fcgi_decoder_free(dec);
	return 0;
}
