#include "store_reports.h"

void store_reported_done(struct store_reported *reported)
{
	store_sent_done(&reported->said);
	for (size_t i = 0; i < reported->count; i++)
		store_message_done(&reported->copies[i]);
	*reported = (struct store_reported){.count = 0};
}
