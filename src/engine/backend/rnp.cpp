// librnp's conventions, wrapped: see the header. Security rules are set here and nowhere else.
#include "engine/backend/rnp.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace pep::engine::rnp {

namespace {

/// 2024-01-19, the day librnp itself stops believing SHA-1 signatures of keys.
constexpr std::uint64_t old_hashes_end = 1705629600;

/// Takes precedence over librnp's own rules; in force from the second `from` on.
bool rule(
    rnp_ffi_t ffi, const char* hash, std::uint32_t use, std::uint64_t from, std::uint32_t level
) {
    return rnp_add_security_rule(
               ffi, RNP_FEATURE_HASH_ALG, hash, use | RNP_SECURITY_OVERRIDE, from, level
           ) == RNP_SUCCESS;
}

/// Without the leniency for key signatures old certificates silently lose user ids and subkeys.
bool set_rules(rnp_ffi_t ffi) {
    // Uses are told apart: what is tolerated in a key's own signatures is not so in a mail's.
    bool done = rule(ffi, "SHA1", RNP_SECURITY_VERIFY_KEY, 0, RNP_SECURITY_DEFAULT) &&
                rule(ffi, "MD5", 0, 0, RNP_SECURITY_PROHIBITED);
    for (const char* hash : {"SHA1", "RIPEMD160"}) {
        done = done && rule(ffi, hash, RNP_SECURITY_VERIFY_DATA, 0, RNP_SECURITY_DEFAULT) &&
               rule(ffi, hash, RNP_SECURITY_VERIFY_DATA, old_hashes_end, RNP_SECURITY_INSECURE);
    }
    return done;
}

} // namespace

Ffi make_ffi() {
    auto ffi = make<Ffi>([](auto* out) {
        return rnp_ffi_create(out, RNP_KEYSTORE_GPG, RNP_KEYSTORE_GPG);
    });
    return ffi && set_rules(ffi.get()) ? std::move(ffi) : nullptr;
}

Input input_from(std::string_view bytes) {
    if (bytes.empty()) // librnp refuses an empty memory input
        return make<Input>([](auto* out) {
            // The callback's end of input is 0 bytes and success.
            const auto read_nothing = [](void*, void*, std::size_t, std::size_t* read) {
                *read = 0;
                return true;
            };
            return rnp_input_from_callback(out, read_nothing, nullptr, nullptr);
        });
    return make<Input>([&](auto* out) {
        return rnp_input_from_memory(
            out,
            reinterpret_cast<const std::uint8_t*>(bytes.data()),
            bytes.size(),
            /*do_copy=*/false
        );
    });
}

Sink::Sink(std::size_t expected, std::size_t limit) : limit_(limit) {
    // As much as will come, if the caller knows: growing leaves copies that nobody wipes.
    bytes_.reserve(std::min(expected, limit));
    output_ = make<Output>([this](auto* out) {
        return rnp_output_to_callback(out, &Sink::write, nullptr, this);
    });
}

Sink::~Sink() {
    // First, for closing it may still write into bytes_.
    output_.reset();
    wipe(bytes_.data(), bytes_.size());
}

std::string Sink::take() {
    output_.reset(); // flushes
    return std::exchange(bytes_, {});
}

bool Sink::write(void* context, const void* bytes, std::size_t size) {
    auto& self = *static_cast<Sink*>(context);
    // Never underflows: bytes_ stays within the limit.
    if (size > self.limit_ - self.bytes_.size())
        return false;
    try {
        self.bytes_.append(static_cast<const char*>(bytes), size);
    } catch (...) {
        return false; // out of memory: no exception may pass through librnp
    }
    return true;
}

CharSink::CharSink(std::size_t expected)
    : bytes_(static_cast<char*>(std::malloc(expected + 1))),
      room_(bytes_ != nullptr ? expected : 0) {
    output_ = make<Output>([this](auto* out) {
        return rnp_output_to_callback(out, &CharSink::write, nullptr, this);
    });
}

CharSink::~CharSink() {
    output_.reset();
    std::free(bytes_);
}

char* CharSink::take(std::size_t& size) {
    output_.reset(); // flushes
    // Null when malloc failed at the start and nothing was written since.
    if (bytes_ != nullptr)
        bytes_[size_] = '\0';
    size = std::exchange(size_, 0);
    room_ = 0;
    return std::exchange(bytes_, nullptr);
}

bool CharSink::write(void* context, const void* bytes, std::size_t size) {
    auto& self = *static_cast<CharSink*>(context);
    if (size > self.room_ - self.size_) {
        // Doubled, so that the bytes are not copied again and again.
        const std::size_t room = std::max(self.room_ * 2, self.size_ + size);
        auto* grown = static_cast<char*>(std::realloc(self.bytes_, room + 1));
        if (grown == nullptr)
            return false;
        self.bytes_ = grown;
        self.room_ = room;
    }
    std::memcpy(self.bytes_ + self.size_, bytes, size);
    self.size_ += size;
    return true;
}

Key locate(rnp_ffi_t ffi, const std::string& fpr) {
    return make<Key>([&](auto* out) { return rnp_locate_key(ffi, "fingerprint", fpr.c_str(), out); }
    );
}

std::string fingerprint(rnp_key_handle_t key) {
    return text([&](char** out) { return rnp_key_get_fprint(key, out); });
}

std::string primary_fingerprint(rnp_key_handle_t key) {
    // librnp has no primary key to tell of a primary key.
    if (value<bool>([&](bool* out) { return rnp_key_is_primary(key, out); }))
        return fingerprint(key);
    return text([&](char** out) { return rnp_key_get_primary_fprint(key, out); });
}

std::string export_certificate(rnp_key_handle_t primary, std::uint32_t part) {
    // Room for an ordinary certificate of elliptic curves; others make it grow.
    Sink sink{4096};
    if (rnp_key_export(primary, sink.output(), part | RNP_KEY_EXPORT_SUBKEYS) != RNP_SUCCESS)
        return {};
    return sink.take();
}

std::string armored(std::string_view binary, const char* type) {
    const Input input = input_from(binary);
    // Base64 takes four thirds, line ends and head lines the rest.
    Sink sink{binary.size() / 2 * 3 + 256};
    if (!input || rnp_enarmor(input.get(), sink.output(), type) != RNP_SUCCESS)
        return {};
    return sink.take();
}

std::string dearmored(std::string_view armor) {
    const Input input = input_from(armor);
    Sink sink{armor.size()};
    if (!input || rnp_dearmor(input.get(), sink.output()) != RNP_SUCCESS)
        return {};
    return sink.take();
}

} // namespace pep::engine::rnp
