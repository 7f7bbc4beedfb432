// What the libraries alone need for the work of a call, with the keys that the daemon uses. Prints
// one JSON object.
//
//   library_reference text SECONDS THREADS BYTES KEY_FILE SIGNER RECIPIENT…
//   library_reference large BYTES KEY_FILE SIGNER RECIPIENT…
//   library_reference keys COUNT FOLDER
//
// `text`: encryptions and decryptions of a text per second. `large`: seconds for one mail with a
// big attachment, step by step: JSON parsing, building and parsing MIME, encrypting, decrypting.
// Nothing is copied from one format to another.
#include "rnp_reference.hpp"

#include <gmime/gmime.h>
#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using reference::OpenPgp;
using Clock = std::chrono::steady_clock;
using Strings = std::vector<std::string>;

double seconds_of(const std::function<void()>& work) {
    const auto started = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - started).count();
}

/// Words, so that it compresses and wraps as mail does.
std::string some_text(std::size_t bytes) {
    std::string text;
    for (int line = 0; text.size() < bytes; ++line)
        text += "Line " + std::to_string(line) +
                " of a mail that says nothing but has the length of one.\r\n";
    text.resize(bytes);
    return text;
}

std::string random_bytes(std::size_t count) {
    std::mt19937_64 generator(1);
    std::string bytes(count, '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(generator()); });
    return bytes;
}

/// Rounds per second over all threads, each with a context and input of its own.
double rate(int threads, double seconds, const std::function<std::function<void()>()>& make_round) {
    std::atomic<int> ready = 0;
    std::atomic<bool> run = false, stop = false;
    std::atomic<long> rounds = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i) {
        workers.emplace_back([&] {
            const auto round = make_round();
            round(); // keys unlocked, tables built
            ++ready;
            while (!run)
                std::this_thread::yield();
            while (!stop) {
                round();
                ++rounds;
            }
        });
    }
    while (ready < threads)
        std::this_thread::yield();
    const double took = seconds_of([&] {
        run = true;
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        stop = true;
        for (auto& worker : workers)
            worker.join();
    });
    return static_cast<double>(rounds) / took;
}

int text(const Strings& args) {
    const double seconds = std::stod(args.at(0));
    const int threads = std::stoi(args.at(1));
    const std::string plain = some_text(std::stoul(args.at(2)));
    const Strings keys{args.at(3)};
    const std::string& signer = args.at(4);
    const Strings recipients(args.begin() + 5, args.end());

    const double encrypted = rate(threads, seconds, [&] {
        auto pgp = std::make_shared<OpenPgp>(keys);
        return [&, pgp] { pgp->encrypt(plain, signer, recipients); };
    });
    const double decrypted = rate(threads, seconds, [&] {
        auto pgp = std::make_shared<OpenPgp>(keys);
        return [pgp, cipher = pgp->encrypt(plain, signer, recipients)] { pgp->decrypt(cipher); };
    });
    std::printf(
        R"({"encrypt":%.1f,"decrypt":%.1f})"
        "\n",
        encrypted,
        decrypted
    );
    return 0;
}

std::string build_mime(const std::string& attachment) {
    GMimePart* part = g_mime_part_new_with_type("application", "octet-stream");
    GMimeStream* bytes = g_mime_stream_mem_new_with_buffer(attachment.data(), attachment.size());
    GMimeDataWrapper* wrapper =
        g_mime_data_wrapper_new_with_stream(bytes, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, wrapper);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    GByteArray* array = g_byte_array_new();
    GMimeStream* out = g_mime_stream_mem_new_with_byte_array(array); // owns the array
    g_mime_object_write_to_stream(GMIME_OBJECT(part), nullptr, out);
    std::string mime(reinterpret_cast<const char*>(array->data), array->len);
    for (gpointer object : std::initializer_list<gpointer>{out, wrapper, bytes, part})
        g_object_unref(object);
    return mime;
}

std::size_t parse_mime(const std::string& mime) {
    GMimeStream* in = g_mime_stream_mem_new_with_buffer(mime.data(), mime.size());
    GMimeParser* parser = g_mime_parser_new_with_stream(in);
    GMimeObject* object = g_mime_parser_construct_part(parser, nullptr);
    GMimeStream* out = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), out);
    const auto size = static_cast<std::size_t>(g_mime_stream_length(out));
    for (gpointer each : std::initializer_list<gpointer>{out, object, parser, in})
        g_object_unref(each);
    return size;
}

double parse_json_of(const std::string& binary) {
    char* base64 = g_base64_encode(reinterpret_cast<const guchar*>(binary.data()), binary.size());
    const std::string json = std::string(R"({"params":{"value":")") + base64 + "\"}}";
    g_free(base64);
    const simdjson::padded_string padded(json);
    simdjson::dom::parser parser;
    return seconds_of([&] {
        if (parser.parse(padded).error() != simdjson::SUCCESS)
            throw std::runtime_error("JSON");
    });
}

int large(const Strings& args) {
    g_mime_init();
    const std::string attachment = random_bytes(std::stoul(args.at(0)));
    OpenPgp pgp({args.at(1)});
    const std::string& signer = args.at(2);
    const Strings recipients(args.begin() + 3, args.end());
    pgp.decrypt(pgp.encrypt("warm", signer, recipients));

    std::string mime, cipher, plain;
    const double json_in = parse_json_of(attachment);
    const double build = seconds_of([&] { mime = build_mime(attachment); });
    const double encrypt = seconds_of([&] { cipher = pgp.encrypt(mime, signer, recipients); });
    const double json_cipher = parse_json_of(cipher);
    const double decrypt = seconds_of([&] { plain = pgp.decrypt(cipher); });
    std::size_t decoded = 0;
    const double parse = seconds_of([&] { decoded = parse_mime(plain); });
    if (decoded != attachment.size())
        throw std::runtime_error("the attachment did not come back whole");
    std::printf(
        R"({"encrypt":%.3f,"decrypt":%.3f,"json_in":%.3f,"build":%.3f,"rnp_encrypt":%.3f,)"
        R"("json_cipher":%.3f,"rnp_decrypt":%.3f,"parse":%.3f})"
        "\n",
        json_in + build + encrypt,
        json_cipher + decrypt + parse,
        json_in,
        build,
        encrypt,
        json_cipher,
        decrypt,
        parse
    );
    return 0;
}

int keys(std::size_t count, const std::string& folder) {
    constexpr std::size_t keys_per_file = 250;
    for (std::size_t first = 0; first < count; first += keys_per_file) {
        std::ofstream file(folder + "/" + std::to_string(first) + ".pgp", std::ios::binary);
        for (std::size_t i = first; i < std::min(count, first + keys_per_file); ++i)
            file << reference::new_public_key(
                "Stranger " + std::to_string(i) + " <stranger" + std::to_string(i) + "@bench.test>"
            );
    }
    std::puts("{}");
    return 0;
}

/// How long librnp takes for one key pair, without storing it.
int generate(std::size_t count) {
    const double seconds = seconds_of([&] {
        for (std::size_t i = 0; i < count; ++i)
            reference::new_public_key("Somebody <somebody@bench.test>");
    });
    std::printf(
        R"({"ms":%.3f})"
        "\n",
        seconds * 1000 / static_cast<double>(count)
    );
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const Strings args(argv + 1, argv + argc);
    try {
        if (!args.empty() && args[0] == "text")
            return text({args.begin() + 1, args.end()});
        if (!args.empty() && args[0] == "large")
            return large({args.begin() + 1, args.end()});
        if (!args.empty() && args[0] == "keys")
            return keys(std::stoul(args.at(1)), args.at(2));
        if (!args.empty() && args[0] == "generate")
            return generate(std::stoul(args.at(1)));
        std::fputs("usage: library_reference text|large|keys|generate ...\n", stderr);
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "library_reference: %s\n", error.what());
        return 1;
    }
}
