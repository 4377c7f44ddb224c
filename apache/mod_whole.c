/* Gives Apache's threads whole requests only: `LoadModule whole_module mod_whole.so`.
 *
 * The event MPM holds a thread for each connection whose header or body is arriving, whose TLS handshake is under way or
 * whose answer is not read, and closes kept connections without an answer when all threads are busy. With this module
 * all of these wait in the MPM's poll, which costs no thread, and requests wait there for a thread instead of being lost:
 *
 *   - what arrives is gathered in a buffer of its own until header and body are there, then Apache reads it from there;
 *   - an answer that a client does not take at once is kept in memory, and the MPM writes the rest;
 *   - large bodies and large answers are admitted only while all of them together fit into WholeTotal bytes each,
 *     beyond that the answer is 503;
 *   - every phase has an end: a sweep finds what takes too long, twice a second;
 *   - the MPM never sleeps while it takes no connections: it may, when all threads have become idle at once.
 *
 *   WholeBody BYTES    the largest body: the answer to more is 413
 *   WholeTotal BYTES   of large bodies at once, and as much again of large answers
 *
 * For logs it leaves notes in each request: `path`, of harmless ASCII, and `complete`, false if the answer was cut.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "httpd.h"
#include "http_config.h"
#include "http_connection.h"
#include "http_core.h"
#include "http_protocol.h"
#include "http_request.h"
#include "ap_mpm.h"
#include "mpm_common.h"
#include "scoreboard.h"
#include "apr_atomic.h"
#include "apr_lib.h"
#include "apr_optional.h"
#include "apr_portable.h"
#include "apr_ring.h"
#include "apr_strings.h"
#include "apr_thread_mutex.h"
#include "apr_thread_proc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define HEAD_MOST 16384            /* of a request line and header in all */
#define SMALL 16384                /* a request of so many bytes is admitted whatever else is held */
#define FIRST 2048                 /* the buffer to begin with */
#define SMALL_ANSWER 32768         /* the kernel takes so much */
#define STREAM_STEP 65536          /* bytes of a streamed answer between two flushes */
#define RATE 16384                 /* bytes a second that large bodies and answers must make on average */
#define LOOK apr_time_from_msec(20) /* between two looks whether connections are taken */
#define SWEEP 25                   /* looks between two sweeps */
#define WATCHER_STACK 65536
#define HANDSHAKE_LIMIT apr_time_from_sec(10)
#define IDLE_LIMIT apr_time_from_sec(15)
#define CROWDED_LIMIT apr_time_from_sec(3) /* in place of these, while others wait to be accepted, and at a stop */
#define FIRST_LIMIT apr_time_from_sec(1)   /* then, for who has not sent a header yet */
#define HEAD_LIMIT apr_time_from_sec(10)
#define BODY_GRACE apr_time_from_sec(10)
#define ANSWER_GRACE apr_time_from_sec(5)
#define SIZE_MOST ((apr_size_t)1 << 40)
#define TURN 8                     /* requests on a connection while others wait to be accepted */

module AP_MODULE_DECLARE_DATA whole_module;

enum phase { HANDSHAKE, IDLE, HEAD, BODY, ANSWER, CLOSING };
enum framing { NONE, LENGTH, CHUNKED };

/* A client's connection. What the sweep reads is changed under the lock. */
typedef struct whole {
    APR_RING_ENTRY(whole) link;
    conn_rec *c;
    ap_filter_t *filter; /* what is below it has the bytes */
    apr_bucket_brigade *bb; /* one for all, as each would stay in the connection's pool */
    int fd;
    enum phase phase;
    apr_time_t since;   /* when the phase began */
    apr_uint64_t acked; /* bytes that the client had taken then */
    int waiting;        /* in the MPM's poll: no thread has it */
    int streaming;      /* a thread writes an answer that is too large to be kept */
    int late;           /* the sweep has given it up */
    int inside;         /* Apache reads from the buffer */
    int ended;          /* no more will come */
    int verdict;        /* a status to answer with in place of the request's own */
    int drained;        /* the request has been read to its end */
    int served;         /* requests so far */
    char *data;
    apr_size_t room, start, length;
    apr_size_t counted; /* of `room`, in `bodies` */
    apr_size_t head;    /* where the body begins, once that is known */
    apr_size_t scan;    /* what has been looked at */
    apr_size_t need;    /* where a body of known length ends */
    apr_size_t decoded; /* of chunks that are there */
    enum framing framing;
} whole;

APR_RING_HEAD(ring, whole);
APR_DECLARE_OPTIONAL_FN(int, ssl_is_https, (conn_rec *));

static struct ring connections;
static apr_thread_mutex_t *lock;
static apr_size_t body_most, total_most;
static volatile apr_uint32_t bodies, answers; /* bytes of large ones, in units of 1 KiB */
static volatile apr_uint32_t streams;
static apr_thread_t *watcher;
static volatile apr_uint32_t over;
static int stopping, threads;
static int lingering; /* connections that are closing; the MPM takes others in their place, so they need a bound */
static APR_OPTIONAL_FN_TYPE(ssl_is_https) *is_tls;

/* --- what is held at once --- */

static apr_uint32_t kilobytes(apr_size_t bytes) {
    return (apr_uint32_t)((bytes + 1023) / 1024);
}

static int reserve(volatile apr_uint32_t *held, apr_size_t bytes, apr_size_t most) {
    if (apr_atomic_add32(held, kilobytes(bytes)) + kilobytes(bytes) <= kilobytes(most))
        return 1;
    apr_atomic_sub32(held, kilobytes(bytes));
    return 0;
}

/* Make room for so many bytes: 0 if there is none. Small requests may go on when large ones have taken all. */
static int grow(whole *w, apr_size_t room) {
    apr_size_t counted = room > 2 * FIRST ? room : 0;
    char *data;
    if (room <= w->room)
        return 1;
    if (counted && !reserve(&bodies, counted, room <= SMALL ? total_most + total_most / 2 : total_most))
        return 0;
    if (!(data = realloc(w->data, room))) {
        apr_atomic_sub32(&bodies, kilobytes(counted));
        return 0;
    }
    apr_atomic_sub32(&bodies, kilobytes(w->counted));
    w->data = data;
    w->room = room;
    w->counted = counted;
    return 1;
}

/* Forget the request that has been answered, and keep what came after it. */
static void forget(whole *w) {
    apr_size_t left = w->length - w->start;
    if (left && left <= FIRST && w->room > FIRST) {
        char *data = malloc(FIRST);
        if (data) {
            memcpy(data, w->data + w->start, left);
            free(w->data);
            apr_atomic_sub32(&bodies, kilobytes(w->counted));
            w->data = data;
            w->room = FIRST;
            w->counted = 0;
        }
        else
            memmove(w->data, w->data + w->start, left);
    }
    else if (left)
        memmove(w->data, w->data + w->start, left);
    else {
        free(w->data);
        apr_atomic_sub32(&bodies, kilobytes(w->counted));
        w->data = NULL;
        w->room = w->counted = 0;
    }
    w->length = left;
    w->start = w->head = w->scan = w->need = w->decoded = 0;
    w->framing = NONE;
}

/* --- is it whole? --- */

static const char *find_line_end(const whole *w, apr_size_t from) {
    return from < w->length ? memchr(w->data + from, '\n', w->length - from) : NULL;
}

/* The position after the empty line that ends header lines which begin at `scan`; 0 if it is not there. */
static apr_size_t find_empty_line(whole *w) {
    const char *end;
    while ((end = find_line_end(w, w->scan))) {
        apr_size_t next = (apr_size_t)(end - w->data) + 1, size = next - w->scan;
        if (size == 1 || (size == 2 && w->data[w->scan] == '\r'))
            return next;
        w->scan = next;
    }
    return 0;
}

/* What follows a header's name and colon, if the line is that header. */
static const char *value_of(const char *line, const char *end, const char *name) {
    apr_size_t size = strlen(name);
    return (apr_size_t)(end - line) > size && !strncasecmp(line, name, size) ? line + size : NULL;
}

/* Whether Apache will find the length wrong is its affair: then nothing more is awaited. */
static apr_size_t number(const char *text, const char *end) {
    apr_size_t found = 0;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    for (; text < end && *text >= '0' && *text <= '9'; text++) {
        if (found > SIZE_MOST / 16)
            return SIZE_MOST;
        found = found * 10 + (apr_size_t)(*text - '0');
    }
    return found;
}

static void proceed(whole *w, enum phase phase);

/* Read what the header says of the body. */
static void understand(whole *w) {
    const char *line = w->data, *end = w->data + w->head, *value;
    int expects = 0;
    for (const char *next; line < end && (next = memchr(line, '\n', (apr_size_t)(end - line))); line = next + 1) {
        if (value_of(line, next, "Transfer-Encoding:"))
            w->framing = CHUNKED;
        else if (w->framing == NONE && (value = value_of(line, next, "Content-Length:"))) {
            w->framing = LENGTH;
            w->need = w->head + number(value, next);
        }
        else if (value_of(line, next, "Expect:"))
            expects = 1;
    }
    w->scan = w->head;
    if (w->framing == LENGTH && w->need > w->head + body_most)
        w->verdict = HTTP_REQUEST_ENTITY_TOO_LARGE;
    else if (w->framing == LENGTH && w->need > w->room && !grow(w, w->need))
        w->verdict = HTTP_SERVICE_UNAVAILABLE;
    proceed(w, BODY);
    if (expects && w->framing != NONE && !w->verdict && w->length == w->head) {
        static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
        apr_brigade_cleanup(w->bb);
        APR_BRIGADE_INSERT_TAIL(w->bb, apr_bucket_immortal_create(text, sizeof text - 1, w->c->bucket_alloc));
        APR_BRIGADE_INSERT_TAIL(w->bb, apr_bucket_flush_create(w->c->bucket_alloc));
        ap_pass_brigade(w->c->output_filters, w->bb);
        apr_brigade_cleanup(w->bb);
    }
}

/* Whether the last chunk and the trailer are there, or what will never be a chunk. */
static int chunks_end(whole *w) {
    const char *end;
    while ((end = find_line_end(w, w->scan))) {
        const char *text = w->data + w->scan;
        apr_size_t size = 0, digits = 0, chunk;
        for (; digits < 7 && apr_isxdigit(text[digits]); digits++)
            size = size * 16 + (apr_size_t)(apr_isdigit(text[digits]) ? text[digits] - '0' : (text[digits] | 32) - 'a' + 10);
        if (!digits || apr_isxdigit(text[digits]))
            return 1;
        if (!size) {
            apr_size_t before = w->scan, trailer;
            w->scan = (apr_size_t)(end - w->data) + 1;
            trailer = find_empty_line(w);
            w->scan = trailer ? trailer : before;
            return trailer != 0;
        }
        if (w->decoded + size > body_most) {
            w->verdict = HTTP_REQUEST_ENTITY_TOO_LARGE;
            return 1;
        }
        chunk = size;
        size += (apr_size_t)(end - w->data) + 1;
        if (size >= w->length)
            return 0;
        if (w->data[size] == '\r')
            size++;
        if (size >= w->length)
            return 0;
        if (w->data[size] != '\n')
            return 1;
        w->scan = size + 1;
        w->decoded += chunk;
    }
    return w->length - w->scan > 1024; /* no line of a chunk's size is so long */
}

/* A header that is too long: end it, so that Apache can say so. */
static void cut_head(whole *w) {
    char *last = w->data ? memrchr(w->data, '\n', w->length) : NULL;
    if (last && last + 2 < w->data + w->length) {
        memcpy(last + 1, "\r\n", 2);
        w->length = (apr_size_t)(last - w->data) + 3;
    }
    w->verdict = HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
}

/* Whether Apache can have the request. */
static int is_whole(whole *w) {
    const char *end;
    if (!w->head) {
        apr_size_t blank = 0;
        while (!w->scan && blank < w->length && (w->data[blank] == '\r' || w->data[blank] == '\n'))
            blank++;
        if (blank) {
            w->length -= blank;
            memmove(w->data, w->data + blank, w->length);
        }
        if (w->length && w->phase == IDLE)
            proceed(w, HEAD);
        /* A line without a protocol is the whole request in HTTP/0.9, which Apache refuses. */
        if (!w->scan && (end = find_line_end(w, 0)) && !memmem(w->data, (apr_size_t)(end - w->data), " HTTP/", 6))
            return 1;
        w->head = find_empty_line(w);
        if (w->head > HEAD_MOST || (!w->head && w->length >= HEAD_MOST)) {
            cut_head(w);
            return 1;
        }
        if (!w->head)
            return 0;
        understand(w);
    }
    if (w->verdict)
        return 1;
    switch (w->framing) {
    case LENGTH:
        return w->length >= w->need;
    case CHUNKED:
        if (chunks_end(w))
            return 1;
        if (w->length - w->head > 2 * body_most + SMALL)
            w->verdict = HTTP_REQUEST_ENTITY_TOO_LARGE;
        return w->verdict != 0;
    default:
        return 1;
    }
}

/* Take what has arrived until the request is whole: 0 if more must come. */
static int gather(whole *w) {
    apr_bucket_brigade *bb = w->bb;
    int done = w->length && is_whole(w);
    while (!done && !w->ended) {
        apr_status_t rv;
        apr_size_t size;
        if (w->length == w->room || (!w->need && w->length + FIRST / 2 > w->room)) {
            if (!grow(w, w->room ? w->room * 2 : FIRST)) {
                if (!w->head)
                    cut_head(w);
                w->verdict = HTTP_SERVICE_UNAVAILABLE;
                done = 1;
                break;
            }
        }
        size = w->room - w->length;
        rv = ap_get_brigade(w->filter->next, bb, AP_MODE_READBYTES, APR_NONBLOCK_READ, (apr_off_t)size);
        if (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
            if (APR_BUCKET_IS_EOS(APR_BRIGADE_FIRST(bb)))
                w->ended = 1;
            else if (apr_brigade_flatten(bb, w->data + w->length, &size) == APR_SUCCESS)
                w->length += size;
            else
                w->ended = 1;
        }
        else if (rv == APR_SUCCESS || APR_STATUS_IS_EAGAIN(rv))
            break;
        else
            w->ended = 1;
        apr_brigade_cleanup(bb);
        done = w->length && is_whole(w);
    }
    apr_brigade_cleanup(bb);
    return done;
}

/* Apache reads the gathered request, and nothing else. */
static apr_status_t read_gathered(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode, apr_read_type_e block,
                                  apr_off_t bytes) {
    whole *w = f->ctx;
    apr_size_t size = w->length - w->start;
    const char *from = w->data + w->start, *end;
    if (!w->inside || mode == AP_MODE_INIT)
        return ap_get_brigade(f->next, bb, mode, block, bytes);
    if (!size)
        return w->late && !w->drained ? APR_TIMEUP : block == APR_NONBLOCK_READ ? APR_EAGAIN : APR_EOF;
    if (mode == AP_MODE_GETLINE && (end = memchr(from, '\n', size)))
        size = (apr_size_t)(end - from) + 1;
    else if ((mode == AP_MODE_READBYTES || mode == AP_MODE_SPECULATIVE) && (apr_size_t)bytes < size)
        size = (apr_size_t)bytes;
    else if (mode == AP_MODE_EATCRLF)
        return APR_SUCCESS;
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_immortal_create(from, size, f->c->bucket_alloc));
    if (mode != AP_MODE_SPECULATIVE)
        w->start += size;
    return APR_SUCCESS;
}

/* --- time --- */

/* linux/tcp.h; glibc's header ends before `tcpi_bytes_acked`, the last of these words. */
typedef union tcp {
    struct tcp_info known;
    apr_uint64_t words[16];
} tcp;

static void ask(int fd, tcp *found) {
    socklen_t size = sizeof *found;
    memset(found, 0, sizeof *found);
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, found, &size);
}

/* Bytes that the client's system has taken so far. */
static apr_uint64_t taken(int fd) {
    tcp found;
    ask(fd, &found);
    return found.words[15];
}

static void proceed(whole *w, enum phase phase) {
    apr_thread_mutex_lock(lock);
    w->phase = phase;
    w->since = apr_time_now();
    apr_thread_mutex_unlock(lock);
}

/* Others wait to be accepted, as all threads are busy or there are too many connections. */
static int crowded(void) {
    return !stopping && ap_scoreboard_image->parent[0].not_accepting;
}

static int below_rate(apr_uint64_t bytes, apr_time_t over) {
    return over > 0 && bytes < (apr_uint64_t)over * RATE / APR_USEC_PER_SEC;
}

/* At a stop, too, who has just come is waited for: such a client has been told nothing. */
static int overdue(const whole *w, apr_time_t age) {
    int many = crowded();
    switch (w->phase) {
    case HANDSHAKE:
        return age > (many || stopping ? CROWDED_LIMIT : HANDSHAKE_LIMIT) || age < 0;
    case IDLE:
        if (stopping)
            return w->served || age > CROWDED_LIMIT || age < 0;
        return age > (!many ? IDLE_LIMIT : w->served ? CROWDED_LIMIT : FIRST_LIMIT) || age < 0;
    case HEAD:
        return age > (stopping ? CROWDED_LIMIT : many ? FIRST_LIMIT : HEAD_LIMIT) || age < 0;
    case BODY:
        return below_rate(w->length - w->head, age - (many || stopping ? CROWDED_LIMIT : BODY_GRACE));
    case ANSWER:
        return below_rate(taken(w->fd) - w->acked, age - ANSWER_GRACE);
    default:
        return 0;
    }
}

/* End what takes too long: the poll sees that the socket has, and gives it to a thread. */
static void sweep_once(void) {
    apr_time_t now = apr_time_now();
    whole *w;
    apr_thread_mutex_lock(lock);
    APR_RING_FOREACH(w, &connections, whole, link) {
        if ((w->waiting || w->streaming) && !w->late && overdue(w, now - w->since)) {
            w->late = 1;
            shutdown(w->fd, w->phase == ANSWER ? SHUT_RDWR : SHUT_RD);
        }
    }
    apr_thread_mutex_unlock(lock);
}

static void nothing(void *unused) {
    (void)unused;
}

/* A thread of its own: the MPM's poll takes timers into account only when it has ended for another reason. */
static void *APR_THREAD_FUNC watch(apr_thread_t *thread, void *unused) {
    (void)thread;
    (void)unused;
    for (int looks = 1; !apr_atomic_read32(&over); looks++) {
        apr_sleep(LOOK);
        if (crowded())
            ap_mpm_register_timed_callback(0, nothing, NULL); /* ends the poll, after which the MPM decides anew */
        if (looks % SWEEP == 0)
            sweep_once();
    }
    return NULL;
}

static apr_status_t join_watcher(void *unused) {
    apr_status_t ignored;
    (void)unused;
    apr_atomic_set32(&over, 1);
    return apr_thread_join(&ignored, watcher);
}

/* --- connections --- */

static whole *of(conn_rec *c) {
    return ap_get_module_config(c->conn_config, &whole_module);
}

static apr_status_t leave(void *given) {
    whole *w = given;
    apr_thread_mutex_lock(lock);
    APR_RING_REMOVE(w, link);
    lingering -= w->phase == CLOSING;
    apr_thread_mutex_unlock(lock);
    free(w->data);
    apr_atomic_sub32(&bodies, kilobytes(w->counted));
    return APR_SUCCESS;
}

static int meet(conn_rec *c, void *given) {
    apr_socket_t *socket = given;
    apr_os_sock_t fd;
    whole *w;
    if (c->master || c->outgoing || !c->cs || apr_os_sock_get(&fd, socket))
        return DECLINED;
    w = apr_pcalloc(c->pool, sizeof *w);
    w->c = c;
    w->fd = fd;
    w->since = apr_time_now();
    w->bb = apr_brigade_create(c->pool, c->bucket_alloc);
    w->filter = ap_add_input_filter("WHOLE", w, NULL, c);
    ap_set_module_config(c->conn_config, &whole_module, w);
    apr_thread_mutex_lock(lock);
    APR_RING_INSERT_TAIL(&connections, w, whole, link);
    apr_thread_mutex_unlock(lock);
    apr_pool_cleanup_register(c->pool, w, leave, apr_pool_cleanup_null);
    return OK;
}

static int wait_for_more(conn_rec *c) {
    c->cs->state = CONN_STATE_ASYNC_WAITIO;
    c->cs->sense = CONN_SENSE_WANT_READ;
    return OK;
}

static int close_now(conn_rec *c) {
    c->cs->state = CONN_STATE_LINGER;
    return OK;
}

static int process(conn_rec *c) {
    whole *w = of(c);
    int rv;
    if (!w || w->inside)
        return DECLINED;
    if (w->phase == HANDSHAKE) {
        apr_status_t shaken = ap_get_brigade(w->filter->next, w->bb, AP_MODE_INIT, APR_NONBLOCK_READ, 0);
        apr_brigade_cleanup(w->bb);
        if (APR_STATUS_IS_EAGAIN(shaken))
            return w->late ? close_now(c) : wait_for_more(c);
        proceed(w, IDLE);
    }
    else if (w->phase == ANSWER)
        proceed(w, IDLE);
    w->drained = 0;
    if (!gather(w)) {
        if (!w->ended && !w->late)
            return wait_for_more(c);
        if (!w->length || c->aborted)
            return close_now(c);
        if (w->late && !w->verdict)
            w->verdict = HTTP_REQUEST_TIME_OUT;
    }
    else
        w->drained = !w->verdict;
    if (!w->drained)
        apr_table_setn(c->notes, "short-lingering-close", "1");
    proceed(w, ANSWER);
    w->acked = taken(w->fd);
    w->served++;
    w->inside = 1;
    rv = ap_run_process_connection(c);
    w->inside = 0;
    forget(w);
    if (w->verdict || w->ended || w->late) {
        c->keepalive = AP_CONN_CLOSE;
        if (c->cs->state == CONN_STATE_LINGER && !c->aborted)
            c->cs->state = CONN_STATE_WRITE_COMPLETION;
    }
    /* The MPM comes back when all is written, and does not put the connection among those that it closes at will. */
    c->data_in_input_filters = 1;
    return rv;
}

static void set_waiting(conn_rec *c, int waiting) {
    whole *w = of(c);
    if (w) {
        apr_thread_mutex_lock(lock);
        w->waiting = waiting;
        apr_thread_mutex_unlock(lock);
    }
}

static void suspended(conn_rec *c, request_rec *r) {
    (void)r;
    set_waiting(c, 1);
    if (stopping)
        sweep_once();
}

static void resumed(conn_rec *c, request_rec *r) {
    (void)r;
    set_waiting(c, 0);
}

static int closing(conn_rec *c) {
    whole *w = of(c);
    if (w) {
        int many;
        apr_thread_mutex_lock(lock);
        w->waiting = 0;
        lingering += w->phase != CLOSING;
        w->phase = CLOSING;
        many = lingering > 2 * threads;
        apr_thread_mutex_unlock(lock);
        /* With nothing left to read or to write there is nothing to linger for; TLS says good-bye. */
        if (many || (w->drained && !w->length && !c->data_in_output_filters && !(is_tls && is_tls(c))))
            c->aborted = 1;
    }
    return OK;
}

/* --- requests --- */

/* Not a byte of a path that a client chose must break a log's line. */
static const char *harmless(request_rec *r) {
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *from = (const unsigned char *)(r->unparsed_uri ? r->unparsed_uri : "-");
    char *text = apr_palloc(r->pool, 1024 + 4), *to = text;
    for (; *from && *from != '?' && to - text < 1024; from++) {
        if (*from > ' ' && *from < 127 && *from != '"' && *from != '\\')
            *to++ = (char)*from;
        else {
            *to++ = '%';
            *to++ = digits[*from >> 4];
            *to++ = digits[*from & 15];
        }
    }
    *to = 0;
    return text;
}

/* Headers whose names have an underscore look like others in the environment of who comes behind. */
static void drop_underscores(apr_table_t *headers) {
    const apr_array_header_t *all = apr_table_elts(headers);
    const apr_table_entry_t *entries = (const apr_table_entry_t *)all->elts;
    for (int i = all->nelts - 1; i >= 0; i--) {
        if (i < all->nelts && strchr(entries[i].key, '_')) /* the last one may have taken others of its name along */
            apr_table_unset(headers, entries[i].key);
    }
}

static int receive(request_rec *r) {
    whole *w = of(r->connection);
    if (!w)
        return DECLINED;
    apr_table_setn(r->notes, "path", harmless(r));
    drop_underscores(r->headers_in);
    r->expecting_100 = 0; /* it was told */
    if (w->verdict || w->ended || w->late || stopping || (w->served >= TURN && crowded()))
        apr_table_setn(r->subprocess_env, "nokeepalive", "1");
    return w->verdict ? w->verdict : DECLINED;
}

static int report(request_rec *r) {
    apr_table_setn(r->notes, "complete", r->connection->aborted ? "false" : "true");
    return DECLINED;
}

/* --- answers --- */

typedef struct answer {
    int begun, streamed;
    apr_size_t kept, written;
} answer;

static apr_status_t release(void *given) {
    answer *a = given;
    apr_atomic_sub32(&answers, kilobytes(a->kept));
    if (a->streamed)
        apr_atomic_dec32(&streams);
    return APR_SUCCESS;
}

/* An answer is kept as a whole while that fits, so that who does not read it holds no thread. Some may be streamed. */
static int admit(request_rec *r, answer *a) {
    const char *text = apr_table_get(r->headers_out, "Content-Length");
    apr_off_t length = text ? apr_atoi64(text) : 0;
    if (text && length <= SMALL_ANSWER)
        return 1;
    if (text && (apr_size_t)length <= total_most && reserve(&answers, (apr_size_t)length, total_most))
        a->kept = (apr_size_t)length;
    else if ((int)apr_atomic_inc32(&streams) < (threads + 3) / 4)
        a->streamed = 1;
    else {
        apr_atomic_dec32(&streams);
        return 0;
    }
    apr_pool_cleanup_register(r->pool, a, release, apr_pool_cleanup_null);
    return 1;
}

static apr_status_t pass(whole *w, ap_filter_t *f, apr_bucket_brigade *bb, int streaming) {
    apr_status_t rv;
    apr_thread_mutex_lock(lock);
    w->streaming = streaming;
    apr_thread_mutex_unlock(lock);
    rv = ap_pass_brigade(f->next, bb);
    if (streaming) {
        apr_thread_mutex_lock(lock);
        w->streaming = 0;
        apr_thread_mutex_unlock(lock);
    }
    return rv;
}

static apr_status_t write_answer(ap_filter_t *f, apr_bucket_brigade *bb) {
    answer *a = f->ctx;
    whole *w = of(f->c);
    apr_bucket *bucket, *next;
    apr_off_t size = 0;
    if (!a->begun) {
        a->begun = 1;
        proceed(w, ANSWER);
        w->acked = taken(w->fd);
        if (!f->r->header_only && !admit(f->r, a)) {
            apr_brigade_cleanup(bb);
            ap_remove_output_filter(f);
            f->r->status = HTTP_OK;
            apr_table_clear(f->r->headers_out);
            APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(HTTP_SERVICE_UNAVAILABLE, NULL, f->r->pool,
                                                               f->c->bucket_alloc));
            APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
            return ap_pass_brigade(f->next, bb);
        }
        /* The body goes as soon as the answer is handed over: whoever has the answer may send the next one. */
        if (!a->streamed) {
            apr_atomic_sub32(&bodies, kilobytes(w->counted));
            w->counted = 0;
        }
    }
    /* A flush would wait for the client. */
    for (bucket = APR_BRIGADE_FIRST(bb); bucket != APR_BRIGADE_SENTINEL(bb); bucket = next) {
        next = APR_BUCKET_NEXT(bucket);
        if (APR_BUCKET_IS_FLUSH(bucket))
            apr_bucket_delete(bucket);
    }
    if (!a->streamed)
        return APR_BRIGADE_EMPTY(bb) ? APR_SUCCESS : ap_pass_brigade(f->next, bb);
    apr_brigade_length(bb, 0, &size);
    a->written += size > 0 ? (apr_size_t)size : 0;
    if (a->written >= STREAM_STEP) {
        a->written = 0;
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_flush_create(f->c->bucket_alloc));
    }
    return APR_BRIGADE_EMPTY(bb) ? APR_SUCCESS : pass(w, f, bb, 1);
}

static void add_filter(request_rec *r) {
    if (of(r->connection) && !r->main && !r->prev)
        ap_add_output_filter("WHOLE", apr_pcalloc(r->pool, sizeof(answer)), r, r->connection);
}

/* --- the module --- */

static void child_stopping(apr_pool_t *pool, int graceful) {
    (void)pool;
    (void)graceful;
    stopping = 1;
    sweep_once();
}

static void child_init(apr_pool_t *pool, server_rec *s) {
    apr_threadattr_t *attributes;
    (void)s;
    apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pool);
    APR_RING_INIT(&connections, whole, link);
    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    is_tls = APR_RETRIEVE_OPTIONAL_FN(ssl_is_https);
    apr_threadattr_create(&attributes, pool);
    apr_threadattr_stacksize_set(attributes, WATCHER_STACK);
    if (apr_thread_create(&watcher, attributes, watch, NULL, pool) == APR_SUCCESS)
        apr_pool_pre_cleanup_register(pool, NULL, join_watcher);
}

static const char *set_size(cmd_parms *command, void *unused, const char *text) {
    char *end;
    apr_int64_t size = apr_strtoi64(text, &end, 10);
    (void)unused;
    if (*end || size < 1 || size > (apr_int64_t)SIZE_MOST)
        return "takes a number of bytes";
    *(apr_size_t *)command->info = (apr_size_t)size;
    return NULL;
}

static const command_rec commands[] = {
    AP_INIT_TAKE1("WholeBody", set_size, &body_most, RSRC_CONF, "bytes of the largest body"),
    AP_INIT_TAKE1("WholeTotal", set_size, &total_most, RSRC_CONF, "bytes of large bodies, and of large answers"),
    {NULL, {NULL}, NULL, 0, TAKE1, NULL},
};

static void register_hooks(apr_pool_t *pool) {
    (void)pool;
    ap_register_input_filter("WHOLE", read_gathered, NULL, AP_FTYPE_CONNECTION + 1); /* above TLS */
    ap_register_output_filter("WHOLE", write_answer, NULL, AP_FTYPE_CONTENT_SET + 1);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_connection(meet, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_process_connection(process, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_suspend_connection(suspended, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_resume_connection(resumed, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_close_connection(closing, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_read_request(receive, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_insert_filter(add_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_log_transaction(report, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

AP_DECLARE_MODULE(whole) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, register_hooks, 0};
