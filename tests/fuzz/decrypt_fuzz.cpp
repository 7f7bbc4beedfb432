// Any bytes as a received mail, or as what was inside its encryption: decrypt_message through the C
// API, with an own key and a friend's in a temporary home. The first byte chooses how the rest is
// used, so that one corpus covers all. Nobody forges here: without a signature nothing may count as
// verified, and nothing as reliable.
#include "engine/keys.hpp"
#include "engine/mime_codec.hpp"
#include "engine/owned.hpp"
#include "engine/store.hpp"
#include "pEp/keymanagement.h"
#include "pEp/message_api.h"
#include "pEp/mime.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

namespace {

using namespace pep::engine;

constexpr const char* own_address = "own@example.org";
constexpr const char* friend_address = "friend@example.net";

void check(bool holds) {
    if (!holds)
        std::abort();
}

/// What the first byte says.
struct Choice {
    explicit Choice(unsigned bits) : bits_(bits) {}

    /// The rest is what was encrypted; otherwise the whole mail.
    [[nodiscard]] bool inside() const { return (bits_ & 1U) != 0; }

    /// Ciphertext stands in the body instead of a PGP/MIME part.
    [[nodiscard]] bool inlined() const { return (bits_ & 2U) != 0; }

    [[nodiscard]] bool is_signed() const { return (bits_ & 4U) != 0; }

    [[nodiscard]] bool from_self() const { return (bits_ & 8U) != 0; }

    /// The sender's program says that it is one of ours.
    [[nodiscard]] bool from_pep() const { return (bits_ & 16U) != 0; }

    /// The own address the mail came to is known.
    [[nodiscard]] bool has_receiver() const { return (bits_ & 32U) != 0; }

  private:
    unsigned bits_;
};

OwnedChars key_of(PEP_SESSION session, const char* fpr, bool secret, std::size_t& size) {
    char* key = nullptr;
    check((secret ? export_secret_key : export_key)(session, fpr, &key, &size) == PEP_STATUS_OK);
    return OwnedChars{key};
}

/// A home with an own key, and the friend's as default key of the friend; gone with the object.
class Home {
  public:
    Home() {
        std::string pattern = (std::filesystem::temp_directory_path() / "pep-fuzz-XXXXXX").string();
        check(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        pEp_engine_options options{};
        options.home = pattern.c_str();
        check(init_with_options(&session_, &options, nullptr, nullptr, nullptr) == PEP_STATUS_OK);
        check(config_cipher_suite(session_, PEP_CIPHER_SUITE_CV25519) == PEP_STATUS_OK);
    }

    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    ~Home() {
        release(session_);
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] PEP_SESSION session() const { return session_; }

    /// An own identity with a key; its fingerprint.
    std::string make_own(const char* address) {
        const OwnedIdentity me{new_identity(address, nullptr, PEP_OWN_USERID, "Me")};
        me->me = true;
        check(myself(session_, me.get()) == PEP_STATUS_OK);
        return me->fpr;
    }

    void befriend(std::string_view key, const std::string& fpr) {
        check(import_key(session_, key.data(), key.size(), nullptr) == PEP_KEY_IMPORTED);
        const OwnedIdentity partner{new_identity(friend_address, fpr.c_str(), "F", "Friend")};
        check(set_comm_partner_key(session_, partner.get(), fpr.c_str()) == PEP_STATUS_OK);
    }

  private:
    std::filesystem::path directory_;
    PEP_SESSION session_ = nullptr;
};

/// Both sides: the home that reads, and a key ring that writes for everybody.
class World {
  public:
    World() : own_(home_.make_own(own_address)) {
        Home other;
        friend_ = other.make_own(friend_address);
        std::size_t size = 0;
        const OwnedChars public_key = key_of(other.session(), friend_.c_str(), false, size);
        home_.befriend({public_key.get(), size}, friend_);
        const OwnedChars friends = key_of(other.session(), friend_.c_str(), true, size);
        check(ring_->import({friends.get(), size}).has_value());
        const OwnedChars mine = key_of(home_.session(), own_.c_str(), true, size);
        check(ring_->import({mine.get(), size}).has_value());
    }

    [[nodiscard]] PEP_SESSION session() const { return home_.session(); }

    std::string encrypted(std::string_view text, const Choice& how) {
        std::vector<std::string> keys{how.from_self() ? own_ : friend_};
        if (!how.is_signed())
            keys.clear();
        keys.push_back(own_);
        auto made = ring_->encrypt(
            keys, text, how.is_signed() ? Signing::sign : Signing::no_signature, nullptr
        );
        check(made.has_value());
        return std::move(*made);
    }

  private:
    Home home_;
    Store store_ = std::move(*Store::open_in_memory());
    std::optional<KeyRing> ring_{std::in_place, store_.db()};
    std::string own_;
    std::string friend_;
};

/// Senders and keys that mails bring pile up: after a while everything begins anew.
World& world() {
    constexpr unsigned runs = 4000;
    static auto current = std::make_unique<World>(); // after what the library has for itself
    static unsigned used = 0;
    if (++used % runs == 0) {
        current.reset();
        current = std::make_unique<World>();
    }
    return *current;
}

OwnedMessage mail_around(const std::string& ciphertext, const Choice& how) {
    OwnedMessage msg{new_message(PEP_dir_incoming)};
    const char* address = how.from_self() ? own_address : friend_address;
    msg->from = new_identity(address, nullptr, nullptr, "Sender");
    msg->to = new_identity_list(new_identity(own_address, nullptr, nullptr, nullptr));
    assign(msg->shortmsg, "p\xE2\x89\xA1p");
    if (how.from_pep())
        add_opt_field(msg.get(), "X-pEp-Version", "3.3");
    if (how.inlined()) {
        assign(msg->longmsg, ciphertext);
        append(
            msg->attachments, make_blob(ciphertext, "application/octet-stream", "file://a.txt.pgp")
        );
    } else {
        append(msg->attachments, make_blob("Version: 1", "application/pgp-encrypted", nullptr));
        append(
            msg->attachments, make_blob(ciphertext, "application/octet-stream", "file://msg.asc")
        );
    }
    return msg;
}

OwnedMessage mail_from(PEP_SESSION session, std::string_view text) {
    message* msg = nullptr;
    bool inner = false;
    static_cast<void>(mime_decode_message(session, text.data(), text.size(), &msg, &inner));
    return OwnedMessage{msg};
}

void show_again(PEP_SESSION session, const message& msg) {
    char* text = nullptr;
    static_cast<void>(mime_encode_message(session, &msg, false, &text, false));
    const OwnedChars owner{text};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const Choice how{data[0]};
    const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    World& at = world();
    OwnedMessage src =
        how.inside() ? mail_around(at.encrypted(rest, how), how) : mail_from(at.session(), rest);
    if (!src)
        return 0;
    if (how.has_receiver()) {
        free_identity(src->recv_by);
        src->recv_by = new_identity(own_address, nullptr, nullptr, nullptr);
    }

    message* dst = nullptr;
    stringlist_t* keylist = nullptr;
    PEP_rating rating = PEP_rating_undefined;
    PEP_decrypt_flags_t flags = 0;
    const PEP_STATUS status =
        decrypt_message(at.session(), src.get(), &dst, &keylist, &rating, &flags);
    const OwnedMessage decrypted{dst};
    const OwnedStrings keys{keylist};
    check((dst != nullptr) == (keylist != nullptr));
    if (how.inside() && !how.is_signed()) {
        check(status != PEP_STATUS_OK && status != PEP_DECRYPTED_AND_VERIFIED);
        check(rating < PEP_rating_reliable);
    }
    if (how.inside() && !how.inlined() && status != PEP_DECRYPT_WRONG_FORMAT)
        check(dst != nullptr || rating == PEP_rating_undefined); // a refused key reset
    if (decrypted) {
        check(decrypted->rating == rating && src->rating == rating);
        show_again(at.session(), *decrypted);
    } else {
        show_again(at.session(), *src);
    }
    return 0;
}
