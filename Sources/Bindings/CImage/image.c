#include "CImage.h"

#include <stdlib.h>

void sakk_image_free(sakk_image *image) {
    free(image->pixels);
    image->pixels = NULL;
}

void sakk_buffer_free(sakk_buffer *buffer) {
    free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->count = 0;
}
