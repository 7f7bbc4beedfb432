/* How a program calls a pep-json-server: find it, or start $PEP_SERVER, have it prove itself, only then send the token.
 * `recipe METHOD PARAMS` prints what METHOD returns. Exit codes: 0 done, 1 call failed, 3 no server, 4 not trusted. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
enum { DONE, FAILED, NO_SERVER = 3, NOT_TRUSTED, START = 8, AGAIN = 16 }; /* to start one, to read again may help */

/* Nobody but we can have written the token file, or can read it. The server writes its members in this order. */
static int read_token_file(char endpoint[64], char token[128]) {
    char path[4096], json[16384] = "", address[48], port[6], end[2], *set = getenv("PEPHOME");
    struct stat own, folder; char *home = set && *set ? set : NULL; /* empty counts as unset */
    int size = snprintf(path, sizeof path, "%s%s/json-token", home ? home : getenv("HOME"), home ? "" : "/.pEp");
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); /* a FIFO would make us wait */
    if (file < 0) return lstat(path, &own) == 0 ? NOT_TRUSTED : NO_SERVER | START;
    int good = fstat(file, &own) == 0 && S_ISREG(own.st_mode) && own.st_uid == geteuid() && !(own.st_mode & 077)
        && (path[size - 10] = 0, stat(path, &folder)) == 0 && folder.st_uid == geteuid() && !(folder.st_mode & 022)
        && read(file, json, sizeof json - 1) > 0 && sscanf(json, "{ \"address\" : \"%47[0-9.:]\" , \"port\" : %5[0-9] ,"
        " \"path\" : \"%*[^\"]\" , \"security_token\" : \"%127[A-Za-z0-9_-]\" %1[,}]", address, port, token, end) == 4
        && (strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0) && atoi(port) > 0 && atoi(port) < 65536
        && snprintf(endpoint, 64, strchr(address, ':') ? "[%s]:%s" : "%s:%s", address, port) > 0;
    return close(file), good ? DONE : NOT_TRUSTED;
}

/* Sends what was written and reads the reply, so much of its body at most. -> HTTP status, 0 if it does not come. */
static int exchange(BIO* link, time_t seconds, char* body, int max) {
    char line[1000];
    int status = 0, size = 0, have = 0, n = BIO_flush(link);
    setsockopt(BIO_get_fd(link, NULL), SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){seconds, 0}, sizeof(struct timeval));
    while (n > 0 && (n = BIO_gets(link, line, sizeof line)) > 0 && *line != '\r')
        if (sscanf(line, "HTTP/1.%*c %3d", &status) != 1) sscanf(line, "Content-Length: %9d", &size);
    for (max = size < max ? size : max; n > 0 && have < max; have += n) n = BIO_read(link, body + have, max - have);
    return body[n > 0 ? have : 0] = '\0', n > 0 ? status : 0;
}

static int call(const char* method, const char* params) {
    static char body[(1 << 26) + 1];
    static BIO* link; /* lives until the next call */
    char endpoint[64], token[128], nonce[33], text[512], wanted[45], proof[45] = "", epoch[64] = "";
    unsigned char mac[32];
    int status = read_token_file(endpoint, token);
    if (status != DONE) return status;
    BIO_free_all(link);
    link = BIO_push(BIO_new(BIO_f_buffer()), BIO_new_connect(endpoint));
    if (BIO_do_connect(link) <= 0 || RAND_bytes(mac, 16) != 1) return NO_SERVER | START;
    OPENSSL_buf2hexstr_ex(nonce, sizeof nonce, NULL, mac, 16, '\0');
    BIO_printf(link, "GET /prove?nonce=%s HTTP/1.1\r\nHost: %s\r\n\r\n", nonce, endpoint);
    if (exchange(link, 10, body, 500) == 0) return NO_SERVER | START;
    /* Anybody may have the port since the server that wrote the file ended; only who knows the token can answer. */
    sscanf(body, "{ \"proof\" : \"%44[^\"]\" , \"epoch\" : \"%63[^\"]\" }", proof, epoch);
    snprintf(text, sizeof text, "pep-json-server/1\n%s\n%s\n%s", nonce, endpoint, epoch);
    HMAC(EVP_sha256(), token, (int)strlen(token), (unsigned char*)text, strlen(text), mac, NULL);
    EVP_EncodeBlock((unsigned char*)wanted, mac, sizeof mac); /* base64url has other signs, and no padding: */
    for (char* c = wanted; *c; c++) *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
    if (strlen(proof) != 43 || CRYPTO_memcmp(proof, wanted, 43) != 0) return NOT_TRUSTED | START;
    const char* form = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}";
    BIO_printf(link, "POST /rpc HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n", endpoint, token, snprintf(NULL, 0, form, method, params));
    BIO_printf(link, form, method, params);
    if ((status = exchange(link, 300, body, sizeof body - 1)) == 401) return NOT_TRUSTED | AGAIN;
    char *value = strstr(body, "\"return\":"), *end = status && value ? strstr(value, ",\"out\":{") : NULL;
    fprintf(end ? stdout : stderr, "%.*s\n", end ? (int)(end - value - 9) : 1000, end ? value + 9 : body);
    return end ? DONE : status ? FAILED : NO_SERVER;
}

int main(int argc, char** argv) {
    int end, may = START | AGAIN; /* each is tried once */
    for (signal(SIGPIPE, SIG_IGN); (end = argc > 2 ? call(argv[1], argv[2]) : call("version", "{}")) & may; may &= ~end)
        if (end & START && system("exec \"${PEP_SERVER:-pep-json-server}\" >/dev/null") != 0) break;
    return end & 7;
}
