// What is encrypted is decrypted to the same, for everybody it was sent to and for the sender, in
// every format, whoever the recipients are: random messages between five homes.
#include "certificates.hpp"
#include "engine/message_format.hpp"
#include "messages_fixture.hpp"
#include "random_messages.hpp"

#include <algorithm>
#include <utility>

namespace pep::engine::test {
namespace {

/// What a format keeps of a message.
enum class Keeps {
    everything,  ///< wrapped
    body_inside, ///< 1.0: a first line break of the body may go with the subject's
    pieces,      ///< no html, no types, no inline parts
};

void strip_for_pieces(message& msg) {
    std::free(std::exchange(msg.longmsg_formatted, nullptr));
    OwnedBlobs kept;
    for (const bloblist_t* blob = msg.attachments; blob != nullptr; blob = blob->next)
        if (view(blob->filename).starts_with("file://"))
            append(
                kept,
                make_blob({blob->value, blob->size}, "application/octet-stream", blob->filename)
            );
    free_bloblist(msg.attachments);
    msg.attachments = kept.release();
    if (view(msg.longmsg).empty()) // nothing would tell that it is encrypted
        assign(msg.longmsg, "text");
}

std::string without_keys(const bloblist_t* list, bool has_html) {
    LentAttachments kept;
    for (; list != nullptr; list = list->next)
        if (view(list->filename) != "file://sender_key.asc")
            kept.add(*list);
    return shown(kept.head(), has_html);
}

class MessageProperties : public ::testing::Test {
  protected:
    User alice{"alice@example.org", "Alice Müller"};
    User bob{"bob@example.net", "Bob"};   // p≡p
    User carol{"carol@example.com", "C"}; // OpenPGP
    User dave{"dave@example.net", "Dave"};
    Source source{seed_of_run()};

    void SetUp() override {
        for (const User* friend_ : {&bob, &dave}) {
            OwnedMessage hello = friend_->mail("alice@example.org", "hello", "my key");
            EXPECT_EQ(alice.read(friend_->send(*hello, PEP_enc_none).wire).status, PEP_UNENCRYPTED);
        }
        OwnedMessage hello = alice.mail("bob@example.net", "hello", "my key");
        const std::string wire = alice.send(*hello, PEP_enc_none).wire;
        for (const User* reader : {&bob, &carol, &dave})
            EXPECT_EQ(reader->read(wire).status, PEP_UNENCRYPTED);
        know("carol@example.com", carol.fpr(), exported(carol));
        const Certificate weak{"Weak <weak@example.org>", signing(), {rsa(1024, {"encrypt"})}};
        know("weak@example.org", weak.fpr(), weak.public_key());
    }

    static std::string exported(const User& user) {
        char* key = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(export_key(user.session(), user.fpr().c_str(), &key, &size), 0);
        const OwnedChars owner{key};
        return {key, size};
    }

    void know(const char* address, const std::string& fpr, const std::string& key) const {
        EXPECT_EQ(import_key(alice.session(), key.data(), key.size(), nullptr), PEP_KEY_IMPORTED);
        const OwnedIdentity who{new_identity(address, fpr.c_str(), address, nullptr)};
        EXPECT_EQ(set_comm_partner_key(alice.session(), who.get(), fpr.c_str()), 0);
    }

    static identity_list* list_of(const std::vector<std::string>& addresses) {
        OwnedIdentities list;
        for (const std::string& address : addresses) {
            OwnedIdentity who = person(address.c_str());
            identity_list* added = identity_list_add(list.get(), who.release());
            if (!list)
                list.reset(added);
        }
        return list.release();
    }

    /// Whose mail it is and to whom; everything else random.
    OwnedMessage
    make(const std::vector<std::string>& to, const std::vector<std::string>& cc, Keeps keeps) {
        OwnedMessage msg = source.make();
        free_identity(msg->from);
        msg->from = alice.own().release();
        for (identity_list** list : {&msg->to, &msg->cc, &msg->bcc}) {
            free_identity_list(*list);
            *list = nullptr;
        }
        msg->to = list_of(to);
        msg->cc = list_of(cc);
        if (keeps == Keeps::body_inside) {
            const std::string text{view(msg->longmsg)};
            assign(
                msg->longmsg, text.substr(std::min(text.find_first_not_of("\r\n"), text.size()))
            );
        }
        const std::string subject{view(msg->shortmsg)}; // blanks around it are no content
        assign(
            msg->shortmsg,
            subject.substr(
                subject.find_first_not_of(' '),
                subject.find_last_not_of(' ') + 1 - subject.find_first_not_of(' ')
            )
        );
        if (keeps == Keeps::pieces)
            strip_for_pieces(*msg);
        return msg;
    }

    static void expect_same(const message& back, const message& msg) {
        EXPECT_STREQ(back.id, msg.id);
        EXPECT_STREQ(back.shortmsg, msg.shortmsg);
        EXPECT_EQ(body(back.longmsg), body(msg.longmsg));
        EXPECT_EQ(body(back.longmsg_formatted), body(msg.longmsg_formatted));
        EXPECT_EQ(timegm_with_gmtoff(back.sent), timegm_with_gmtoff(msg.sent));
        EXPECT_EQ(shown(back.reply_to), shown(msg.reply_to));
        EXPECT_EQ(shown(back.in_reply_to), shown(msg.in_reply_to));
        EXPECT_EQ(shown(back.references), shown(msg.references));
        EXPECT_EQ(shown(back.keywords), shown(msg.keywords));
        EXPECT_STREQ(back.comments, msg.comments);
        for (const auto* pair = msg.opt_fields; pair != nullptr; pair = pair->next)
            EXPECT_TRUE(contains(
                shown(back.opt_fields),
                view(pair->value->key).data() + std::string{": "} + pair->value->value
            ));
        const bool has_html = msg.longmsg_formatted != nullptr;
        EXPECT_EQ(
            without_keys(back.attachments, has_html), without_keys(msg.attachments, has_html)
        );
    }

    static std::vector<std::string> addresses(const identity_list* list) {
        std::vector<std::string> all;
        for (; list != nullptr; list = list->next)
            if (list->ident != nullptr)
                all.emplace_back(view(list->ident->address));
        return all;
    }

    void expect_read(const User& reader, Received in, const message& msg, PEP_rating rating) const {
        ASSERT_EQ(in.status, PEP_STATUS_OK);
        ASSERT_NE(in.dst, nullptr);
        EXPECT_EQ(in.rating, rating);
        EXPECT_EQ(in.dst->rating, rating);
        std::vector<std::string> keys;
        for (const stringlist_t* key = in.keylist.get(); key != nullptr; key = key->next)
            keys.emplace_back(view(key->value));
        EXPECT_EQ(keys.front(), alice.fpr());
        EXPECT_NE(std::find(keys.begin(), keys.end(), reader.fpr()), keys.end());
        std::sort(keys.begin(), keys.end());
        EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end()) << "listed twice";
        EXPECT_EQ(addresses(in.dst->to), addresses(msg.to));
        EXPECT_EQ(addresses(in.dst->cc), addresses(msg.cc));
        expect_same(*in.dst, msg);
    }

    struct Row {
        const char* what;
        PEP_enc_format format;
        std::vector<std::string> to;
        std::vector<std::string> cc;
        std::vector<const User*> readers;
        Keeps keeps;
        PEP_rating rating = PEP_rating_reliable; // as sent
    };

    void run(const Row& row) {
        for (int round = 0; round < 6; ++round) {
            SCOPED_TRACE(std::string{row.what} + ", round " + std::to_string(round));
            OwnedMessage msg = make(row.to, row.cc, row.keeps);
            const OwnedMessage before{message_dup(msg.get())};
            const auto sent = alice.send(*msg, row.format);
            ASSERT_EQ(sent.status, PEP_STATUS_OK);
            EXPECT_EQ(sent.dst->rating, row.rating);
            if (row.keeps == Keeps::everything) {
                EXPECT_FALSE(contains(sent.wire, "Keywords:"));
            }
            for (const User* reader : row.readers) {
                SCOPED_TRACE(reader->address());
                const bool self = reader == &alice;
                expect_read(
                    *reader,
                    reader->read(sent.wire),
                    *before,
                    self ? row.rating : PEP_rating_reliable
                );
            }
            if (HasFailure())
                return;
        }
    }
};

TEST_F(MessageProperties, EveryReaderGetsWhatWasSent) {
    const std::string me = "alice@example.org";
    const std::string to_bob = "bob@example.net";
    const std::string to_carol = "carol@example.com";
    const std::string to_dave = "dave@example.net";
    const auto all = Keeps::everything;
    const auto v1 = Keeps::body_inside;
    const auto pieces = Keeps::pieces;
    const auto own = PEP_rating_trusted_and_anonymized;
    const Row rows[] = {
        {"to oneself", PEP_enc_PEP, {me}, {}, {&alice}, all, own},
        {"to oneself, pieces", PEP_enc_inline, {me}, {}, {&alice}, pieces, own},
        {"to p≡p", PEP_enc_PEP, {to_bob}, {}, {&alice, &bob}, all},
        {"to p≡p, PGP/MIME", PEP_enc_PGP_MIME, {to_bob}, {to_dave}, {&alice, &bob, &dave}, all},
        {"to p≡p and oneself", PEP_enc_PEP, {to_bob, me}, {to_dave}, {&alice, &bob, &dave}, all},
        {"to OpenPGP", PEP_enc_PGP_MIME, {to_carol}, {}, {&alice, &carol}, v1},
        {"to OpenPGP, p≡p format", PEP_enc_PEP, {to_carol}, {}, {&alice, &carol}, v1},
        {"to both", PEP_enc_PEP, {to_bob, to_carol}, {to_dave}, {&alice, &bob, &carol, &dave}, v1},
        {"copy to OpenPGP", PEP_enc_PEP, {to_bob}, {to_carol}, {&alice, &bob, &carol}, v1},
        {"pieces to p≡p", PEP_enc_inline, {to_bob}, {}, {&alice, &bob}, pieces},
        {"pieces to both", PEP_enc_inline, {to_bob}, {to_carol}, {&bob, &carol}, pieces},
        {"what they got before", PEP_enc_auto, {to_bob}, {}, {&alice, &bob}, pieces},
    };
    for (const Row& row : rows) {
        run(row);
        if (HasFailure())
            return;
    }
}

TEST_F(MessageProperties, AutoIsTheWholeMessageWhereNobodyAskedForAnother) {
    run(
        {"auto",
         PEP_enc_auto,
         {"bob@example.net"},
         {"dave@example.net"},
         {&bob, &dave},
         Keeps::everything}
    );
    run({"auto, OpenPGP", PEP_enc_auto, {"carol@example.com"}, {}, {&carol}, Keeps::body_inside});
}

TEST_F(MessageProperties, HiddenRecipientsReadToo) {
    for (int round = 0; round < 4; ++round) {
        OwnedMessage msg = make({"bob@example.net"}, {}, Keeps::everything);
        msg->bcc = list_of({"dave@example.net"});
        const OwnedMessage before{message_dup(msg.get())};
        const auto sent = alice.send(*msg);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        EXPECT_FALSE(contains(sent.wire, "dave@"));
        for (const User* reader : {&bob, &dave}) {
            const Received in = reader->read(sent.wire);
            ASSERT_EQ(in.status, PEP_STATUS_OK) << reader->address();
            EXPECT_EQ(in.rating, PEP_rating_reliable);
            EXPECT_EQ(in.dst->bcc, nullptr);
            expect_same(*in.dst, *before);
        }
        if (HasFailure())
            return;
    }
}

TEST_F(MessageProperties, OneWhoCannotReadSecurelyLeavesItToAll) {
    for (const char* who : {"nobody@example.org", "weak@example.org"}) {
        for (const PEP_enc_format format :
             {PEP_enc_PEP, PEP_enc_PGP_MIME, PEP_enc_inline, PEP_enc_inline_EA, PEP_enc_auto}) {
            for (const bool copy : {false, true}) {
                SCOPED_TRACE(std::string{who} + ", format " + std::to_string(format));
                OwnedMessage msg = copy ? make({"bob@example.net"}, {who}, Keeps::everything)
                                        : make({who, "bob@example.net"}, {}, Keeps::everything);
                const OwnedMessage before{message_dup(msg.get())};
                const auto sent = alice.send(*msg, format);
                EXPECT_EQ(sent.status, PEP_UNENCRYPTED);
                EXPECT_EQ(sent.dst, nullptr);
                const Received in = bob.read(encode(alice.session(), *msg));
                EXPECT_EQ(in.status, PEP_UNENCRYPTED);
                EXPECT_EQ(in.rating, PEP_rating_unencrypted);
                expect_same(*in.src, *before);
                if (HasFailure())
                    return;
            }
        }
    }
}

TEST_F(MessageProperties, PiecesForOtherTransportsKeepTheirTypes) {
    for (const char* type : {"application/pgp-signature", "application/x-pkcs12"}) {
        OwnedMessage msg = make({"bob@example.net"}, {}, Keeps::pieces);
        free_bloblist(msg->attachments);
        const std::string bytes = "x" + source.bytes(3000);
        msg->attachments = make_blob(bytes, type, "file://one").release();
        const std::string text{view(msg->longmsg)};
        auto sent = alice.send(*msg, PEP_enc_inline_EA);
        ASSERT_EQ(sent.status, PEP_STATUS_OK);
        sent.dst->dir = PEP_dir_incoming;
        sent.dst->enc_format = PEP_enc_inline_EA; // what the transport tells
        const Received in = receive(bob.session(), std::move(sent.dst));
        ASSERT_EQ(in.status, PEP_STATUS_OK);
        EXPECT_EQ(in.rating, PEP_rating_reliable);
        EXPECT_EQ(view(in.dst->longmsg), text);
        const bloblist_t* blob = find_blob_by_URI(in.dst->attachments, "file://one");
        ASSERT_NE(blob, nullptr);
        EXPECT_STREQ(blob->mime_type, type);
        EXPECT_EQ(std::string(blob->value, blob->size), bytes);
    }
}

} // namespace
} // namespace pep::engine::test
