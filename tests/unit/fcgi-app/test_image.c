#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "image.h"

#define LITERAL(text) (const uint8_t *)(text), sizeof(text) - 1

#define JPEG_HEAD "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define JPEG_EXIF_TURNED                                                       \
	"\xff\xe1\0\52Exif\0\0II\x2a\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0"  \
	"\0\0\0\0\0secret!!"
#define JPEG_FRAME "\xff\xc0\0\x0b\x08\0\x20\0\x40\1\1\x11\0"
#define JPEG_SCAN "\xff\xda\0\x08\1\1\0\0\x3f\0\x12\xff\0\x34\xff\xd0\x56"
#define JPEG_END "\xff\xd9"
#define JPEG_XMP "\xff\xe1\0\x08secret"

#define PNG_HEAD                                                               \
	"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x20\x08\2\0\0\0CRCC"
#define PNG_DATA "\0\0\0\1IDATxCRCC"
#define PNG_EXIF "\0\0\0\6eXIfsecretCRCC"
#define PNG_END "\0\0\0\0IEND\xae\x42\x60\x82"

#define GIF_HEAD "GIF89a\x40\0\x20\0\x80\0\0rgbRGB"
#define GIF_LOOP "\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
#define GIF_TEXT                                                               \
	"\x21\1\x0c"                                                           \
	"positionsize"                                                         \
	"\4text\0"
#define GIF_FRAME "\x2c\0\0\0\0\x40\0\x20\0\0\2\3abc\0"

#define WEBP_VP8X(flags) "VP8X\x0a\0\0\0" flags "\0\0\0\x3f\0\0\x1f\0\0"
#define WEBP_EXIF "EXIF\6\0\0\0secret"
#define WEBP_CLEAN "RIFF\x24\0\0\0WEBP" WEBP_VP8X("\0") WEBP_DATA
#define WEBP_DATA "VP8L\5\0\0\0\x2f\0\0\0\0\0"

static void collect(const void *bytes, size_t len, void *context)
{
	buf_add(context, bytes, len);
}

static void assert_stripped(const uint8_t *in, size_t len, const uint8_t *want,
			    size_t want_len)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_true(image_strip(in, len, collect, &out));
	assert_int_equal(out.len, want_len);
	assert_memory_equal(out.data, want, want_len);
	buf_done(&out);
}

static void assert_size(const uint8_t *data, size_t len, enum image_type type,
			uint32_t width, uint32_t height)
{
	struct image_info info;

	assert_true(image_read(data, len, &info));
	assert_int_equal(info.type, type);
	assert_int_equal(info.width, width);
	assert_int_equal(info.height, height);
}

static void assert_refused(const uint8_t *data, size_t len)
{
	struct image_info info;

	assert_false(image_read(data, len, &info));
	assert_int_equal(info.width, 0);
}

static void a_jpeg_loses_exif_comments_and_what_follows_its_end(void **state)
{
	(void)state;
	assert_stripped(LITERAL(JPEG_HEAD
				"\xff\xe1\0\x08http:\0"
				"\xff\xed\0\5abc\xff\xfe\0\6text" JPEG_FRAME
					JPEG_SCAN JPEG_END "trailer"),
			LITERAL(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END));
}

static void a_jpeg_keeps_its_colours_and_all_its_scans(void **state)
{
	(void)state;
#define KEPT                                                                   \
	JPEG_HEAD "\xff\xe2\0\x0eICC_"                                         \
		  "PROFILE\0\xff\xee\0\7Adobe" JPEG_FRAME JPEG_SCAN            \
		  "\xff\xc4\0\3x" JPEG_SCAN JPEG_END
	assert_stripped(LITERAL(KEPT), LITERAL(KEPT));
}

static void a_turned_jpeg_stays_turned_and_tells_nothing_else(void **state)
{
	struct buf out;

	(void)state;
	assert_size(LITERAL(JPEG_HEAD JPEG_EXIF_TURNED JPEG_FRAME JPEG_SCAN
				    JPEG_END),
		    IMAGE_JPEG, 32, 64);
	buf_init(&out, 65536);
	assert_true(image_strip(LITERAL(JPEG_HEAD JPEG_EXIF_TURNED JPEG_FRAME
						JPEG_SCAN JPEG_END),
				collect, &out));
	assert_null(memmem(out.data, out.len, "secret", 6));
	assert_size((const uint8_t *)out.data, out.len, IMAGE_JPEG, 32, 64);
	buf_done(&out);
}

static void the_first_that_says_how_a_jpeg_is_drawn_counts(void **state)
{
	(void)state;
	assert_size(LITERAL(JPEG_HEAD JPEG_FRAME
			    "\xff\xc4\0\7abcde" JPEG_SCAN
			    "\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0" JPEG_SCAN
				    JPEG_END),
		    IMAGE_JPEG, 64, 32);
	assert_size(LITERAL(JPEG_HEAD JPEG_EXIF_TURNED
			    "\xff\xe1\0\x08"
			    "Exif\0\0" JPEG_FRAME JPEG_SCAN JPEG_END),
		    IMAGE_JPEG, 32, 64);
}

static void what_follows_the_end_goes_whatever_it_looks_like(void **state)
{
	static const uint8_t jpeg[] = JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END;

	(void)state;
	assert_stripped(
		LITERAL(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END "\0\x08secret"),
		jpeg, sizeof(jpeg) - 1);
	assert_stripped(
		LITERAL(JPEG_HEAD JPEG_FRAME JPEG_SCAN "\xff\xd8\0\x08secret"),
		jpeg, sizeof(jpeg) - 1);
	assert_stripped(LITERAL(PNG_HEAD PNG_DATA PNG_END PNG_DATA PNG_END),
			LITERAL(PNG_HEAD PNG_DATA PNG_END));
	assert_stripped(LITERAL(GIF_HEAD GIF_FRAME "\x3b" GIF_FRAME "\x3b"),
			LITERAL(GIF_HEAD GIF_FRAME "\x3b"));
}

static void a_png_keeps_what_it_is_drawn_by(void **state)
{
	(void)state;
	assert_size(LITERAL(PNG_HEAD PNG_DATA PNG_END), IMAGE_PNG, 64, 32);
	assert_stripped(LITERAL(PNG_HEAD
				"\0\0\0\1tEXtxCRCC\0\0\0\1eXIfxCRCC"
				"\0\0\0\1gAMAxCRCC\0\0\0\1iTXtxCRCC" PNG_DATA
				"\0\0\0\1tIMExCRCC" PNG_END "trailer"),
			LITERAL(PNG_HEAD "\0\0\0\1gAMAxCRCC" PNG_DATA PNG_END));
}

static void a_gif_keeps_frames_and_loops(void **state)
{
	(void)state;
	assert_size(LITERAL(GIF_HEAD GIF_FRAME "\x3b"), IMAGE_GIF, 64, 32);
	assert_stripped(LITERAL(GIF_HEAD GIF_LOOP
				"\x21\xfe\4text\0"
				"\x21\xff\x0bXMP DataXMP\3abc\0"
				"\x21\xf9\4\0\0\0\0\0" GIF_FRAME GIF_TEXT
				"\x3btrailer"),
			LITERAL(GIF_HEAD GIF_LOOP
				"\x21\xf9\4\0\0\0\0\0" GIF_FRAME GIF_TEXT
				"\x3b"));
}

static void a_webp_loses_exif_and_xmp_and_says_so(void **state)
{
	(void)state;
	assert_size(LITERAL("RIFF\x24\0\0\0WEBP" WEBP_VP8X("\x0c") WEBP_DATA),
		    IMAGE_WEBP, 64, 32);
	assert_stripped(
		LITERAL("RIFF\x3c\0\0\0WEBP" WEBP_VP8X("\x1c") WEBP_DATA
			"EXIF\3\0\0\0abc\0XMP \4\0\0\0abcd"
			"trailer"),
		LITERAL("RIFF\x24\0\0\0WEBP" WEBP_VP8X("\x10") WEBP_DATA));
}

static void a_webp_keeps_chunks_of_any_length(void **state)
{
	(void)state;
#define ODD                                                                    \
	"RIFF\x2e\0\0\0WEBP" WEBP_VP8X("\0") "ALPH\1\0\0\0"                    \
					     "a\0" WEBP_DATA
	assert_stripped(LITERAL(ODD), LITERAL(ODD));
#define EMPTY "RIFF\x1a\0\0\0WEBP" WEBP_DATA "VP8X\0\0\0\0"
	assert_stripped(LITERAL(EMPTY), LITERAL(EMPTY));
}

static void a_jpeg_keeps_of_programs_what_its_colours_mean_alone(void **state)
{
	(void)state;
	assert_stripped(
		LITERAL("\xff\xd8\xff\xe0\0\x16JFIF\0\1\1\0\0\1\0\1\1\2secret"
			"\xff\xe0\0\7JFIF\0"
			"\xff\xe0\0\x13JFXX\0secretsecret"
			"\xff\x42\0\x08secret"
			"\xff\xe2\0\x0cMPF\0secret" JPEG_XMP JPEG_XMP
			"\xff\xee\0\x08secret\xff\xf0\0\x08secret" JPEG_FRAME
				JPEG_XMP JPEG_SCAN JPEG_XMP JPEG_END
			"\xff\xd8" JPEG_XMP JPEG_FRAME JPEG_SCAN JPEG_END),
		LITERAL(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END));
}

static void a_jpeg_is_read_past_what_is_no_marker(void **state)
{
	static const uint8_t want[] = JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END;
	const size_t want_len = sizeof(want) - 1;

	(void)state;
	assert_stripped(LITERAL(JPEG_HEAD "x" JPEG_XMP "yz\xff\0\xff" JPEG_FRAME
					  "\0" JPEG_XMP JPEG_SCAN JPEG_END),
			want, want_len);
	/* Markers without a length, and lengths that are none. */
	assert_stripped(LITERAL(JPEG_HEAD
				"\xff\1\xff\xd3" JPEG_XMP JPEG_FRAME
				"\xff\xe1\0\0secret" JPEG_SCAN JPEG_END),
			want, want_len);
	assert_stripped(
		LITERAL(JPEG_HEAD "\xff\xc4\0\0" JPEG_FRAME JPEG_SCAN JPEG_END),
		LITERAL(JPEG_HEAD
			"\xff\xc4\0\0" JPEG_FRAME JPEG_SCAN JPEG_END));
	/* A length that is too short. */
	assert_stripped(
		LITERAL(JPEG_HEAD
			"\xff\xe1\0\3secret" JPEG_FRAME JPEG_SCAN JPEG_END),
		want, want_len);
}

static void of_a_cut_jpeg_stays_what_is_drawn(void **state)
{
	static const uint8_t want[] = JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_END;
	const size_t want_len = sizeof(want) - 1;

	(void)state;
	assert_stripped(LITERAL(JPEG_HEAD JPEG_XMP JPEG_FRAME JPEG_SCAN), want,
			want_len);
	assert_stripped(LITERAL(JPEG_HEAD JPEG_XMP JPEG_FRAME JPEG_SCAN
				"\xff\xc4\0\x0exyz"),
			want, want_len);
	assert_stripped(LITERAL(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_XMP
				"\xff\xe1\xff\xffsecret"),
			want, want_len);
	assert_refused(LITERAL(JPEG_HEAD JPEG_XMP JPEG_FRAME "\xff\xda\0\x08"));
}

static void a_damaged_scan_is_kept_up_to_the_next_segment(void **state)
{
	(void)state;
#define DAMAGED JPEG_HEAD JPEG_FRAME JPEG_SCAN "\xff\x21\xff\xd1\x12"
	assert_stripped(LITERAL(DAMAGED JPEG_XMP "\x34\xff\xd2\x56"),
			LITERAL(DAMAGED JPEG_END));
}

static void a_cut_png_ends_behind_its_last_whole_chunk(void **state)
{
	static const uint8_t want[] = PNG_HEAD PNG_DATA PNG_END;
	const size_t want_len = sizeof(want) - 1;

	(void)state;
	for (size_t cut = 0; cut < 12; cut++)
		assert_stripped(
			(const uint8_t *)PNG_HEAD PNG_EXIF PNG_DATA PNG_END,
			sizeof(PNG_HEAD PNG_EXIF PNG_DATA) - 1 + cut, want,
			want_len);
	assert_stripped(LITERAL(PNG_HEAD PNG_EXIF PNG_DATA "\0\0\0\6IDATxyz"),
			want, want_len);
	assert_stripped(LITERAL(PNG_HEAD PNG_DATA "\0\0\0\6eXIfsecr"), want,
			want_len);
	assert_stripped(LITERAL(PNG_HEAD PNG_DATA PNG_END PNG_EXIF), want,
			want_len);
}

static void a_png_chunk_of_a_wrong_length_takes_no_metadata_along(void **state)
{
	(void)state;
	assert_stripped(LITERAL(PNG_HEAD PNG_DATA
				"\0\0\0\x0cIDATxCRCC" PNG_EXIF PNG_END),
			LITERAL(PNG_HEAD PNG_DATA PNG_END));
	assert_stripped(LITERAL(PNG_HEAD PNG_DATA
				"\x7f\xff\xff\xffIDATxCRCC" PNG_EXIF PNG_END),
			LITERAL(PNG_HEAD PNG_DATA PNG_END));
}

static void a_png_chunk_of_unknown_name_or_case_goes(void **state)
{
	(void)state;
	assert_stripped(LITERAL(PNG_HEAD
				"\0\0\0\6eXIFsecretCRCC"
				"\0\0\0\6zTXtsecretCRCC"
				"\0\0\0\6idatsecretCRCC"
				"\0\0\0\6prVtsecretCRCC" PNG_DATA PNG_END),
			LITERAL(PNG_HEAD PNG_DATA PNG_END));
}

static void a_png_may_be_larger_than_others_can_be(void **state)
{
	(void)state;
	assert_size(LITERAL("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\1\x38"
			    "\x80\x08\2\0\0\0CRCC" PNG_DATA PNG_END),
		    IMAGE_PNG, 64, 80000);
	assert_refused(LITERAL("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\x80\0"
			       "\0\0\x08\2\0\0\0CRCC" PNG_DATA PNG_END));
}

static void a_cut_gif_ends_behind_its_last_whole_frame(void **state)
{
	static const uint8_t want[] = GIF_HEAD GIF_FRAME "\x3b";
	const size_t want_len = sizeof(want) - 1;

	(void)state;
	assert_stripped(LITERAL(GIF_HEAD "\x21\xfe\6secret\0" GIF_FRAME), want,
			want_len);
	assert_stripped(LITERAL(GIF_HEAD GIF_FRAME "\x21\xfe\7secret"), want,
			want_len);
	assert_stripped(
		LITERAL(GIF_HEAD GIF_FRAME "\x21\xff\x0bXMP DataXMP\3a"), want,
		want_len);
	assert_stripped(LITERAL(GIF_HEAD GIF_FRAME "\x21\xff\0"), want,
			want_len);
	assert_stripped(LITERAL(GIF_HEAD GIF_FRAME "\0\0secret"), want,
			want_len);
	assert_stripped(LITERAL(GIF_HEAD "\x21\x42\6secret\0" GIF_FRAME), want,
			want_len);
}

static void
a_webp_of_a_wrong_size_or_cut_is_read_as_far_as_it_goes(void **state)
{
	static const uint8_t want[] = WEBP_CLEAN;
	const size_t want_len = sizeof(want) - 1;

	(void)state;
	/* too large, of the head alone, and of a cut file */
	assert_stripped(LITERAL("RIFF\xff\xff\xff\xffWEBP" WEBP_VP8X("\x08")
					WEBP_DATA WEBP_EXIF),
			want, want_len);
	assert_stripped(LITERAL("RIFF\x32\0\0\0WEBP" WEBP_VP8X("\x08") WEBP_DATA
				"EXIF\6\0\0\0sec"),
			want, want_len);
	/* too small: it ends within EXIF, and behind the picture */
	assert_stripped(LITERAL("RIFF\x2a\0\0\0WEBP" WEBP_VP8X("\x08")
					WEBP_DATA WEBP_EXIF),
			want, want_len);
	assert_stripped(LITERAL("RIFF\x24\0\0\0WEBP" WEBP_VP8X("\x08")
					WEBP_DATA WEBP_EXIF),
			want, want_len);
	/* the last byte, which fills only, is missing */
	assert_stripped(want, want_len - 1, want, want_len);
}

static void a_webp_chunk_of_a_wrong_length_takes_no_metadata_along(void **state)
{
	(void)state;
	assert_refused(LITERAL("RIFF\x32\0\0\0WEBP" WEBP_VP8X(
		"\x08") "VP8L\x0b\0\0\0\x2f\0\0\0\0\0" WEBP_EXIF));
	assert_refused(LITERAL("RIFF\x32\0\0\0WEBP" WEBP_VP8X(
		"\x08") "VP8L\xff\0\0\0\x2f\0\0\0\0\0" WEBP_EXIF));
}

static void what_nothing_can_be_drawn_of_is_refused(void **state)
{
	(void)state;
	assert_refused(LITERAL(""));
	assert_refused(LITERAL("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
	assert_refused(LITERAL(JPEG_HEAD JPEG_FRAME));
	assert_refused(LITERAL(JPEG_HEAD JPEG_FRAME JPEG_END JPEG_SCAN));
	assert_refused(LITERAL(JPEG_HEAD JPEG_SCAN JPEG_END));
	assert_refused(LITERAL(JPEG_HEAD JPEG_SCAN JPEG_FRAME JPEG_END));
	assert_refused(LITERAL(JPEG_HEAD "\xff\xc0\0\2" JPEG_SCAN));
	assert_refused(
		LITERAL(JPEG_HEAD "\xff\xd8\0\4ab" JPEG_FRAME JPEG_SCAN));
	assert_refused(LITERAL(JPEG_HEAD "\xff\xd8" JPEG_FRAME JPEG_SCAN));
	assert_refused(LITERAL(JPEG_HEAD "\xff\xe1\xff\xff" JPEG_FRAME));
	assert_refused(LITERAL(PNG_HEAD));
	assert_refused(LITERAL(PNG_HEAD "\xff\xff\xff\xffIDATxCRCC" PNG_END));
	assert_refused(LITERAL("\x89PNG\r\n\x1a\n" PNG_DATA PNG_END));
	assert_refused(LITERAL("\x89PNG\r\n\x1a\n\0\0\0\x0dtEXtabcdefghijklm"
			       "CRCC" PNG_DATA PNG_END));
	assert_refused(LITERAL("\x89PNG\r\n\x1a\n\0\0\0\x0eIHDR\0\0\0\x40\0"
			       "\0\0\x20\x08\2\0\0\0\0CRCC" PNG_DATA PNG_END));
	assert_refused(LITERAL(GIF_HEAD "\x2c\0\0\0\0\x40\0\x20\0\0\2\3ab"));
	assert_refused(LITERAL(GIF_HEAD "\x3b"));
	assert_refused(LITERAL("RIFF\xff\0\0\0WEBP"
			       "VP8L\x09\0\0\0\x2f\0\0\0\0\0"));
	assert_refused(LITERAL("RIFF\x04\0\0\0WEBP"));
	assert_refused(LITERAL("RIFF\0\0\0\0WEBP" WEBP_DATA));
	assert_refused(LITERAL("RIFF\x1e\0\0\0WEBPVP8X\4\0\0\0"
			       "abcd" WEBP_DATA));
	assert_refused(LITERAL("RIFF\x1a\0\0\0WEBP" WEBP_DATA
			       "\xff\xff\xff\xff\0\0\0\0"));
}

static void of_jpeg_ls_its_frame_and_tables_are_kept(void **state)
{
	(void)state;
#define JPEG_LS_FRAME "\xff\xf7\0\x0b\x08\0\x20\0\x40\1\1\x11\0"
#define JPEG_LS_SCAN "\xff\xda\0\x08\1\1\0\0\0\0\x12\xff\x7f\x34"
#define JPEG_LS_TABLE "\xff\xf8\0\3\1"
	assert_size(LITERAL("\xff\xd8" JPEG_LS_FRAME JPEG_LS_SCAN), IMAGE_JPEG,
		    64, 32);
	assert_stripped(LITERAL("\xff\xd8" JPEG_LS_FRAME JPEG_XMP JPEG_LS_TABLE
					JPEG_LS_SCAN JPEG_END),
			LITERAL("\xff\xd8" JPEG_LS_FRAME JPEG_LS_TABLE
					JPEG_LS_SCAN JPEG_END));
}

static void no_cut_of_a_picture_is_read_beyond_its_end(void **state)
{
	static const char *const whole[] = {
		JPEG_HEAD JPEG_EXIF_TURNED JPEG_FRAME JPEG_SCAN JPEG_END,
		PNG_HEAD PNG_DATA PNG_END,
		GIF_HEAD GIF_LOOP GIF_FRAME "\x3b",
		"RIFF\x24\0\0\0WEBP" WEBP_VP8X("\x0c") WEBP_DATA,
	};
	const size_t lens[] = {
		sizeof(JPEG_HEAD JPEG_EXIF_TURNED JPEG_FRAME JPEG_SCAN
			       JPEG_END),
		sizeof(PNG_HEAD PNG_DATA PNG_END),
		sizeof(GIF_HEAD GIF_LOOP GIF_FRAME "\x3b"),
		sizeof("RIFF\x24\0\0\0WEBP" WEBP_VP8X("\x0c") WEBP_DATA),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t len = 0; len < lens[i]; len++) {
			/* On its own, so that ASan sees its end. */
			uint8_t *cut = malloc(len > 0 ? len : 1);
			struct image_info info;

			assert_non_null(cut);
			memcpy(cut, whole[i], len);
			image_read(cut, len, &info);
			free(cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_jpeg_loses_exif_comments_and_what_follows_its_end),
		cmocka_unit_test(a_jpeg_keeps_its_colours_and_all_its_scans),
		cmocka_unit_test(
			a_turned_jpeg_stays_turned_and_tells_nothing_else),
		cmocka_unit_test(
			the_first_that_says_how_a_jpeg_is_drawn_counts),
		cmocka_unit_test(
			what_follows_the_end_goes_whatever_it_looks_like),
		cmocka_unit_test(a_png_keeps_what_it_is_drawn_by),
		cmocka_unit_test(a_gif_keeps_frames_and_loops),
		cmocka_unit_test(a_webp_loses_exif_and_xmp_and_says_so),
		cmocka_unit_test(a_webp_keeps_chunks_of_any_length),
		cmocka_unit_test(
			a_jpeg_keeps_of_programs_what_its_colours_mean_alone),
		cmocka_unit_test(a_jpeg_is_read_past_what_is_no_marker),
		cmocka_unit_test(of_a_cut_jpeg_stays_what_is_drawn),
		cmocka_unit_test(a_damaged_scan_is_kept_up_to_the_next_segment),
		cmocka_unit_test(a_cut_png_ends_behind_its_last_whole_chunk),
		cmocka_unit_test(
			a_png_chunk_of_a_wrong_length_takes_no_metadata_along),
		cmocka_unit_test(a_png_chunk_of_unknown_name_or_case_goes),
		cmocka_unit_test(a_png_may_be_larger_than_others_can_be),
		cmocka_unit_test(a_cut_gif_ends_behind_its_last_whole_frame),
		cmocka_unit_test(
			a_webp_of_a_wrong_size_or_cut_is_read_as_far_as_it_goes),
		cmocka_unit_test(
			a_webp_chunk_of_a_wrong_length_takes_no_metadata_along),
		cmocka_unit_test(what_nothing_can_be_drawn_of_is_refused),
		cmocka_unit_test(of_jpeg_ls_its_frame_and_tables_are_kept),
		cmocka_unit_test(no_cut_of_a_picture_is_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
