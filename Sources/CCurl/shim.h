#pragma once
#include <curl/curl.h>

// Swift imports no C variadics. Each wrapper fixes the one argument type that the option in question takes, so that a
// wrong pairing is visible at the call site.

static inline CURLcode gqc_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode gqc_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// libcurl copies the string.
static inline CURLcode gqc_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

// The memory has to outlive the transfer.
static inline CURLcode gqc_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode gqc_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*gqc_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode gqc_curl_set_data_callback(
    CURL *handle, CURLoption option, gqc_curl_data_callback callback, CURLoption contextOption, void *context) {
    CURLcode code = curl_easy_setopt(handle, option, callback);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, contextOption, context);
}

static inline CURLcode gqc_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode gqc_curl_get_socket(CURL *handle, curl_socket_t *value) {
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

