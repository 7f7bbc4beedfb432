/* Tries without a pause to bind the port of a running server, and looks at that server in the moment in
 * which it succeeds. Compiled and run by port_theft_test.py.
 *
 * port_thief PORT PID TOKEN_FILE UID: "ready" once it tries, then one line about its first success:
 * KIND ENDED EXECUTES TOKEN_FILE TRIES; KIND is "nothing" if clients of the ended server still keep its port
 * from everybody, as the kernel does for a minute. UID 0 stays who it is. Exit 2: the system lacks something.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct way {
    const char* name;
    int family;
    int wildcard;
    int option; /* set on the socket before it is bound */
} ways[] = {
    {"plain", AF_INET, 0, 0},
    {"reuseaddr", AF_INET, 0, SO_REUSEADDR},
    {"reuseport", AF_INET, 0, SO_REUSEPORT},
    {"any", AF_INET, 1, 0},
    {"any-reuseaddr", AF_INET, 1, SO_REUSEADDR},
    {"any6", AF_INET6, 1, 0}, /* also takes IPv4 */
    {"any6-reuseaddr", AF_INET6, 1, SO_REUSEADDR},
};

static int steal(const struct way* way, int port) {
    int on = 1, off = 0;
    int made = socket(way->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0)
        return -1;
    if (way->option)
        setsockopt(made, SOL_SOCKET, way->option, &on, sizeof on);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
    v4.sin_addr.s_addr = htonl(way->wildcard ? INADDR_ANY : INADDR_LOOPBACK);
    int bound;
    if (way->family == AF_INET6) {
        setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        bound = bind(made, (struct sockaddr*)&v6, sizeof v6);
    } else {
        bound = bind(made, (struct sockaddr*)&v4, sizeof v4);
    }
    /* Two sockets that both may reuse can be bound together; who can listen gets the clients. */
    if (bound == 0 && listen(made, 5) == 0)
        return made;
    close(made);
    return -1;
}

/* Is there still an address space, so that code of the process can run? Everybody may look. */
static int executes(const char* command_line) {
    char first;
    int file = open(command_line, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0; /* collected already */
    ssize_t got = read(file, &first, 1);
    close(file);
    return got == 1;
}

int main(int argc, char** argv) {
    if (argc != 5)
        return 2;
    const int port = atoi(argv[1]);
    const pid_t server = atoi(argv[2]);
    const uid_t user = (uid_t)atoi(argv[4]);
    char command_line[64];
    snprintf(command_line, sizeof command_line, "/proc/%d/cmdline", server);
    const int process = (int)syscall(SYS_pidfd_open, server, 0);
    /* An open file tells whether it still has a name, whoever asks. */
    const int token_file = open(argv[3], O_RDONLY | O_CLOEXEC);
    if (process < 0 || token_file < 0) {
        perror("port_thief");
        return 2;
    }
    if (user && (setgroups(0, NULL) || setgid(user) || setuid(user)))
        return 2;
    if (!executes(command_line)) {
        fprintf(stderr, "port_thief: %s shows nothing to this user\n", command_line);
        return 2;
    }
    puts("ready");
    fflush(stdout);
    struct pollfd end = {.fd = process, .events = POLLIN};
    int after_end = 0;
    for (unsigned long tries = 1;; ++tries) {
        for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
            if (steal(&ways[i], port) < 0)
                continue;
            /* Asked in this order, so that a process that ends meanwhile is not taken for a living one. */
            struct stat about = {0};
            const int runs = executes(command_line);
            fstat(token_file, &about);
            const int ended = poll(&end, 1, 0) == 1;
            printf("%s %d %d %d %lu\n", ways[i].name, ended, runs, about.st_nlink > 0, tries);
            fflush(stdout);
            /* The process must count as ended soon: the kernel has nothing else to do for it. */
            return poll(&end, 1, 10000) == 1 ? 0 : 3;
        }
        if (poll(&end, 1, 0) == 1 && ++after_end > 200) {
            struct stat about = {0};
            fstat(token_file, &about);
            printf("nothing 1 %d %d %lu\n", executes(command_line), about.st_nlink > 0, tries);
            return 0;
        }
    }
}
