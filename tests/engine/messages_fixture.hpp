// Two people with a home each, and the mail between them: every message crosses as MIME text.
#pragma once

#include "engine/mime_codec.hpp"
#include "engine/owned.hpp"
#include "pEp/keymanagement.h"
#include "pEp/message_api.h"
#include "pEp/mime.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace pep::engine::test {

/// An engine on a directory of its own, gone with the object.
class Home {
  public:
    /// With a callback the engine's own messages go there.
    explicit Home(PEP_STATUS (*deliver)(void*, message*) = nullptr, void* management = nullptr) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "pep-messages-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        const std::string home = directory_.string();
        pEp_engine_options options{};
        options.home = home.c_str();
        options.message_to_send = deliver;
        options.management = management;
        EXPECT_EQ(init_with_options(&session_, &options, nullptr, nullptr, nullptr), 0);
    }

    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    ~Home() {
        release(session_);
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] PEP_SESSION session() const { return session_; }

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  private:
    std::filesystem::path directory_;
    PEP_SESSION session_ = nullptr;
};

inline OwnedIdentity person(const char* address, const char* name = nullptr) {
    return OwnedIdentity{new_identity(address, nullptr, nullptr, name)};
}

/// What decrypt_message gave.
struct Received {
    OwnedMessage src;
    OwnedMessage dst;
    OwnedStrings keylist;
    PEP_rating rating = PEP_rating_undefined;
    PEP_decrypt_flags_t flags = 0;
    PEP_STATUS status = PEP_UNKNOWN_ERROR;

    [[nodiscard]] std::string signer() const {
        return std::string{keylist ? view(keylist->value) : "-"};
    }

    /// The message to show: decrypted, or as it came.
    [[nodiscard]] const message& shown() const { return dst ? *dst : *src; }
};

inline OwnedMessage decode(PEP_SESSION session, std::string_view wire) {
    message* msg = nullptr;
    bool inner = false;
    EXPECT_EQ(mime_decode_message(session, wire.data(), wire.size(), &msg, &inner), 0);
    return OwnedMessage{msg};
}

inline std::string encode(PEP_SESSION session, const message& msg) {
    char* text = nullptr;
    EXPECT_EQ(mime_encode_message(session, &msg, false, &text, false), 0);
    const OwnedChars owner{text};
    return text != nullptr ? text : "";
}

/// Decrypt a message as it is, without crossing MIME.
inline Received receive(PEP_SESSION session, OwnedMessage src) {
    Received in;
    in.src = std::move(src);
    if (!in.src)
        return in;
    message* dst = nullptr;
    stringlist_t* keylist = nullptr;
    in.status = decrypt_message(session, in.src.get(), &dst, &keylist, &in.rating, &in.flags);
    in.dst.reset(dst);
    in.keylist.reset(keylist);
    return in;
}

inline Received receive(PEP_SESSION session, std::string_view wire) {
    return receive(session, decode(session, wire));
}

/// A user with a key.
class User {
  public:
    User(const char* address, const char* name) : address_(address), name_(name) {
        OwnedIdentity me = own();
        EXPECT_EQ(myself(session(), me.get()), 0);
        fpr_ = view(me->fpr);
    }

    [[nodiscard]] PEP_SESSION session() const { return home_.session(); }

    [[nodiscard]] const Home& home() const { return home_; }

    [[nodiscard]] const std::string& fpr() const { return fpr_; }

    [[nodiscard]] const char* address() const { return address_; }

    [[nodiscard]] OwnedIdentity own() const {
        OwnedIdentity me{new_identity(address_, nullptr, PEP_OWN_USERID, name_)};
        me->me = true;
        return me;
    }

    /// A partner as the store knows him now.
    [[nodiscard]] OwnedIdentity partner(const char* address) const {
        OwnedIdentity known = person(address);
        EXPECT_EQ(update_identity(session(), known.get()), 0);
        return known;
    }

    [[nodiscard]] OwnedMessage mail(const char* to, const char* subject, const char* body) const {
        OwnedMessage msg{new_message(PEP_dir_outgoing)};
        msg->from = own().release();
        msg->to = new_identity_list(person(to).release());
        if (subject != nullptr)
            assign(msg->shortmsg, subject);
        if (body != nullptr)
            assign(msg->longmsg, body);
        return msg;
    }

    struct Sent {
        PEP_STATUS status = PEP_UNKNOWN_ERROR;
        OwnedMessage dst;
        std::string wire; ///< "" after an error
    };

    /// Encrypt and encode what is to be sent.
    [[nodiscard]] Sent send(
        message& src,
        PEP_enc_format format = PEP_enc_auto,
        PEP_encrypt_flags_t flags = 0,
        stringlist_t* extra = nullptr
    ) const {
        Sent sent;
        message* dst = nullptr;
        sent.status = encrypt_message(session(), &src, extra, &dst, format, flags);
        sent.dst.reset(dst);
        const bool done = sent.status == PEP_STATUS_OK || sent.status == PEP_UNENCRYPTED;
        if (done && format != PEP_enc_inline_EA) // which is no mail format
            sent.wire = encode(session(), dst != nullptr ? *dst : src);
        return sent;
    }

    [[nodiscard]] Received read(std::string_view wire) const { return receive(session(), wire); }

    /// Messages the engine wanted to be sent, which the user may take out.
    [[nodiscard]] std::vector<OwnedMessage>& outbox() { return outbox_; }

    /// What the transport answers from now on.
    void delivers_with(PEP_STATUS status) { delivery_ = status; }

  private:
    static PEP_STATUS deliver(void* self, message* msg) {
        auto& user = *static_cast<User*>(self);
        OwnedMessage owner{msg};
        if (user.delivery_ == PEP_STATUS_OK)
            user.outbox_.push_back(std::move(owner));
        return user.delivery_;
    }

    std::vector<OwnedMessage> outbox_;
    PEP_STATUS delivery_ = PEP_STATUS_OK;
    Home home_{&User::deliver, this};
    const char* address_;
    const char* name_;
    std::string fpr_;
};

/// Alice and Bob, who have each other's key from unencrypted mails.
class Friends : public ::testing::Test {
  protected:
    User alice{"alice@example.org", "Alice Müller"};
    User bob{"bob@example.net", "Bob"};

    void introduce() {
        OwnedMessage hello = alice.mail("bob@example.net", "hello", "my key");
        EXPECT_EQ(bob.read(alice.send(*hello, PEP_enc_none).wire).status, PEP_UNENCRYPTED);
        OwnedMessage back = bob.mail("alice@example.org", "re: hello", "mine");
        EXPECT_EQ(alice.read(bob.send(*back, PEP_enc_none).wire).status, PEP_UNENCRYPTED);
    }

    /// Bob no longer counts as p≡p user for a fresh Alice: he sends his bare key.
    void introduce_as_openpgp() {
        char* key = nullptr;
        std::size_t size = 0;
        ASSERT_EQ(export_key(bob.session(), bob.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        ASSERT_EQ(import_key(alice.session(), key, size, nullptr), PEP_KEY_IMPORTED);
        const OwnedIdentity known{new_identity("bob@example.net", bob.fpr().c_str(), "B", "Bob")};
        ASSERT_EQ(set_comm_partner_key(alice.session(), known.get(), bob.fpr().c_str()), 0);
    }
};

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Value of a header field, or "-".
inline std::string field_of(const message& msg, const char* name) {
    const auto* found = stringpair_list_find_case_insensitive(msg.opt_fields, name);
    return found != nullptr ? found->value->value : "-";
}

inline std::string read_file(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

} // namespace pep::engine::test
