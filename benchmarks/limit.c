/* The limit: librabbitmq's C client, one ack a message or one every 50 (no validation). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

static double clock_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc < 9) return 2;
    int port = atoi(argv[2]), count = atoi(argv[6]), every = atoi(argv[7]);
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (amqp_socket_open(socket, argv[1], port)) return 1;
    amqp_login(connection, argv[8], 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, argv[3], argv[4]);
    amqp_channel_open(connection, 1);
    amqp_basic_qos(connection, 1, 0, 200, 0);
    amqp_basic_consume(connection, 1, amqp_cstring_bytes(argv[5]), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    double wall = 0, cpu = 0;
    for (int n = 1; n <= count; n++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) return 1;
        if (n == 1) {
            wall = clock_of(CLOCK_MONOTONIC);
            cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        }
        if (n % every == 0 || n == count)
            amqp_basic_ack(connection, 1, envelope.delivery_tag, every > 1);
        amqp_destroy_envelope(&envelope);
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
