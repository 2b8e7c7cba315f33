/* librabbitmq publishing: so many in flight, each mandatory, persistent and confirmed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

static double clock_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Takes one frame, and returns how many publications it settles: those up to its number where it
   says "multiple", which are those after the last such number. */
static int settled_by(amqp_connection_state_t connection, uint64_t *below, char *settled) {
    amqp_frame_t frame;
    int found = 0;
    if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) exit(1);
    if (frame.frame_type != AMQP_FRAME_METHOD) exit(1);
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) exit(1);
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    uint64_t from = ack->multiple ? *below : ack->delivery_tag;
    for (uint64_t number = from; number <= ack->delivery_tag; number++) {
        found += !settled[number];
        settled[number] = 1;
    }
    if (ack->multiple) *below = ack->delivery_tag + 1;
    return found;
}

int main(int argc, char **argv) {
    if (argc < 10) return 2;
    int port = atoi(argv[2]), count = atoi(argv[8]), window = atoi(argv[9]);
    const char *exchange = argv[6], *key = argv[7];
    char body[4096], id[37], *settled = calloc(count + 1, 1);
    size_t size = fread(body, 1, sizeof body, stdin);
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (amqp_socket_open(socket, argv[1], port)) return 1;
    amqp_login(connection, argv[5], 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, argv[3], argv[4]);
    amqp_channel_open(connection, 1);
    amqp_confirm_select(connection, 1);
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                  AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .delivery_mode = 2,
        .type = amqp_cstring_bytes("Order"),
    };
    double wall = clock_of(CLOCK_MONOTONIC), cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t below = 1;
    for (int sent = 0, confirmed = 0; confirmed < count;) {
        for (; sent < count && sent - confirmed < window; sent++) {
            snprintf(id, sizeof id, "%036d", sent);
            properties.message_id = amqp_cstring_bytes(id);
            properties.timestamp = time(NULL);
            if (amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange),
                                   amqp_cstring_bytes(key), 1, 0, &properties,
                                   (amqp_bytes_t){size, body}))
                return 1;
        }
        /* What has come is taken whole before more is sent, as an event loop does. */
        do
            confirmed += settled_by(connection, &below, settled);
        while (amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection));
        amqp_maybe_release_buffers(connection);
    }
    wall = clock_of(CLOCK_MONOTONIC) - wall;
    cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"rate\": %f, \"cpu\": %f, \"rss\": %f}\n", count / wall, cpu / count * 1e6,
           usage.ru_maxrss / 1024.0);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    return 0;
}
