// Real mails of former p≡p releases and other programs, and what the original made of them. The
// mails are read from $PEP_TESTDATA: test_mails, test_keys and mail-expectations.tsv, a line per
// situation.
#include "base/text.hpp"
#include "messages_fixture.hpp"

#include <iostream>
#include <map>
#include <sstream>

namespace pep::engine::test {
namespace {

namespace fs = std::filesystem;

struct Row {
    int line = 0;
    std::string mail;
    std::string keys;
    std::string own;
    std::string status;
    std::string rating;
    std::string facts;
};

std::string data_folder() {
    const char* folder = std::getenv("PEP_TESTDATA");
    return folder != nullptr ? folder : "";
}

std::vector<Row> read_rows() {
    std::vector<Row> rows;
    std::istringstream in{read_file(fs::path{data_folder()} / "mail-expectations.tsv")};
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        const auto columns = split(line, '\t');
        if (number == 1 || columns.size() < 6)
            continue;
        const auto column = [&](std::size_t i) { return std::string{columns[i]}; };
        rows.push_back({number, column(0), column(1), column(2), column(3), column(4), column(5)});
    }
    return rows;
}

/// Text between `before` and the next blank, or "".
std::string word_behind(const std::string& text, const std::string& before) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos)
        return "";
    const std::size_t start = at + before.size();
    return text.substr(start, text.find_first_of(" ,;)", start) - start);
}

/// Why a row is not for this test, or "".
std::string unsupported(const Row& row) {
    const std::pair<const char*, const char*> reasons[]{
        {"decode-only", "decoding is tested with MIME"},
        {"clock ", "needs another clock"},
        {"untrusted_server", "re-encryption for untrusted servers is not offered"},
        {"key reset", "key reset is not part of decrypt_message yet"},
        {"own key", "key reset is not part of decrypt_message yet"},
        {"pinned", "needs a prepared database"},
    };
    for (const auto& [part, reason] : reasons)
        if (contains(row.facts, part))
            return reason;
    if (row.status == "-" && row.rating == "-" && !contains(row.facts, "shortmsg =="))
        return "nothing to compare";
    return "";
}

const std::map<std::string, int> statuses{
    {"PEP_STATUS_OK", 0},
    {"PEP_UNENCRYPTED", 0x400},
    {"PEP_DECRYPTED", 0x402},
    {"PEP_DECRYPT_NO_KEY", 0x405},
};

const std::map<std::string, int> comm_types{
    {"key_not_found", 0x03},
    {"OpenPGP_unconfirmed", 0x38},
    {"pEp_unconfirmed", 0x7f},
    {"OpenPGP", 0xb8},
    {"pEp", 0xff},
};

class Situation {
  public:
    explicit Situation(const Row& row) : row_(row) {}

    void run() {
        import_keys();
        set_own_identities();
        prepare_sender();
        const Received in =
            receive(home_.session(), read_file(fs::path{data_folder()} / row_.mail));
        if (const auto expected = statuses.find(row_.status); expected != statuses.end()) {
            EXPECT_EQ(in.status, expected->second);
        }
        check_rating(in.rating);
        check_sender_afterwards();
        check_message(in);
    }

  private:
    void check_rating(PEP_rating rating) {
        const std::map<std::string, PEP_color> colors{
            {"color=yellow", PEP_color_yellow},
            {"color=green", PEP_color_green},
            {"color=red", PEP_color_red},
        };
        if (const auto color = colors.find(row_.rating); color != colors.end()) {
            EXPECT_EQ(color_from_rating(rating), color->second) << rating;
        } else if (row_.rating != "-") {
            EXPECT_STREQ(rating_to_string(rating), row_.rating.c_str());
        }
    }

    void import_keys() {
        if (row_.keys == "-")
            return;
        for (const std::string_view name : split(row_.keys, ',')) {
            const std::string key =
                read_file(fs::path{data_folder()} / "test_keys" / std::string{trim(name)});
            ASSERT_FALSE(key.empty()) << name;
            const PEP_STATUS status = import_key(home_.session(), key.data(), key.size(), nullptr);
            EXPECT_TRUE(status >= PEP_KEY_IMPORTED && status <= PEP_SOME_KEYS_IMPORTED)
                << name << ' ' << status;
        }
    }

    void set_own_identities() {
        if (row_.own == "-")
            return;
        for (const std::string_view own : split(row_.own, ',')) {
            const std::size_t slash = own.rfind('/');
            const std::string address{own.substr(0, slash)};
            const std::string fpr{own.substr(slash + 1)};
            OwnedIdentity me{new_identity(address.c_str(), nullptr, "ALICE", "Own")};
            me->me = true;
            EXPECT_EQ(set_own_key(home_.session(), me.get(), fpr.c_str()), 0) << address;
        }
    }

    /// "sender identity known (user_id BOB) without key", "default key forced to F (not trusted)",
    /// and the two other wordings for partners known before.
    void prepare_sender() {
        const std::string& facts = row_.facts;
        if (contains(facts, "user_id BOB"))
            set_partner(
                "pep.test.bob@pep-project.org",
                "BOB",
                word_behind(facts, "forced to "),
                contains(facts, "and trusted")
            );
        if (contains(facts, "pre: pep.test.alice@pep-project.org default key "))
            set_partner(
                "pep.test.alice@pep-project.org",
                "ALICE_PARTNER",
                word_behind(facts, "default key "),
                true
            );
        if (contains(facts, "krista@darthmama.org user_id NOT_ME"))
            set_partner("krista@darthmama.org", "NOT_ME", word_behind(facts, " fpr "), true);
        if (contains(facts, "set as TOFU_")) {
            set_partner("pep.never.me.test@kgrothoff.org", "", word_behind(facts, " fpr "), false);
            set_partner(
                "banmeonce@kgrothoff.org", "", word_behind(facts, "banmeonce@kgrothoff.org "), false
            );
            set_partner(
                "banmetwice@kgrothoff.org",
                "",
                word_behind(facts, "banmetwice@kgrothoff.org "),
                false
            );
        }
        if (contains(facts, "banmetwice key mistrusted")) {
            OwnedIdentity partner = person("banmetwice@kgrothoff.org");
            EXPECT_EQ(update_identity(home_.session(), partner.get()), 0);
            EXPECT_EQ(key_mistrusted(home_.session(), partner.get()), 0);
        }
    }

    void set_partner(
        const char* address, const std::string& user_id, const std::string& fpr, bool trusted
    ) {
        const std::string id = user_id.empty() ? std::string{"TOFU_"} + address : user_id;
        OwnedIdentity partner{new_identity(address, nullptr, id.c_str(), address)};
        EXPECT_EQ(update_identity(home_.session(), partner.get()), 0);
        if (fpr.empty())
            return;
        EXPECT_EQ(set_comm_partner_key(home_.session(), partner.get(), fpr.c_str()), 0) << fpr;
        if (!trusted)
            return;
        EXPECT_EQ(update_identity(home_.session(), partner.get()), 0);
        EXPECT_EQ(trust_personal_key(home_.session(), partner.get()), 0);
    }

    void check_sender_afterwards() {
        const std::string address = word_behind(row_.facts, "update_identity(");
        if (address.empty())
            return;
        OwnedIdentity sender = person(address.c_str());
        EXPECT_EQ(update_identity(home_.session(), sender.get()), 0);
        const std::string fpr = word_behind(row_.facts, " fpr=");
        EXPECT_EQ(view(sender->fpr), fpr == "NULL" ? "" : fpr);
        const std::string ct = word_behind(row_.facts, "comm_type=");
        if (const auto expected = comm_types.find(ct); expected != comm_types.end()) {
            EXPECT_EQ(sender->comm_type, expected->second) << ct;
        }
    }

    void check_message(const Received& in) {
        const std::string& facts = row_.facts;
        if (contains(facts, "dst not NULL")) {
            EXPECT_NE(in.dst, nullptr);
        }
        if (contains(facts, "dst NULL")) {
            EXPECT_EQ(in.dst, nullptr);
        }
        if (const std::size_t at = facts.find("shortmsg == \""); at != std::string::npos) {
            const std::size_t start = at + 13;
            EXPECT_EQ(
                std::string{view(in.shown().shortmsg)},
                facts.substr(start, facts.find('"', start) - start)
            );
        }
        if (!in.dst)
            return;
        if (contains(facts, "exactly 1 attachment") || contains(facts, "; 1 attachment")) {
            EXPECT_EQ(bloblist_length(in.dst->attachments), 1);
        }
        if (contains(facts, "; 2 attachments")) {
            EXPECT_EQ(bloblist_length(in.dst->attachments), 2);
        }
        for (const auto& [place, number] :
             {std::pair{"1st file://", 0}, {"2nd file://", 1}, {"2nd attachment file://", 1}}) {
            const std::string name = word_behind(facts, place);
            const bloblist_t* blob = in.dst->attachments;
            for (int i = 0; blob != nullptr && i < number; ++i)
                blob = blob->next;
            if (!name.empty() && blob != nullptr) {
                EXPECT_EQ(std::string{view(blob->filename)}, "file://" + name);
                EXPECT_EQ(std::string{view(blob->mime_type)}, word_behind(facts, name + " "));
            }
        }
    }

    const Row& row_; // outlives the situation
    Home home_;
};

class RealMails : public testing::Test {
  protected:
    void SetUp() override {
        if (data_folder().empty())
            GTEST_SKIP() << "PEP_TESTDATA is not set";
    }

    template <class Wanted>
    static void run_rows(Wanted wanted) {
        int done = 0;
        for (const Row& row : read_rows()) {
            if (!wanted(row))
                continue;
            if (const std::string reason = unsupported(row); !reason.empty()) {
                std::cout << "skipped line " << row.line << " " << row.mail << ": " << reason
                          << '\n';
                continue;
            }
            SCOPED_TRACE("line " + std::to_string(row.line) + " " + row.mail);
            Situation{row}.run();
            ++done;
        }
        std::cout << done << " situations compared\n";
        EXPECT_GT(done, 0);
    }

    static bool is_canonical(const Row& row) { return contains(row.mail, "/CanonicalFrom2.2"); }
};

TEST_F(RealMails, CanonicalSeriesIsReadAsTheOriginalDoes) { run_rows(is_canonical); }

TEST_F(RealMails, OtherMailsAreReadAsTheOriginalDoes) {
    run_rows([](const Row& row) { return !is_canonical(row); });
}

} // namespace
} // namespace pep::engine::test
