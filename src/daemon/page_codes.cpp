// The code stands behind '#', which browsers keep to themselves: it is in no request and no log.
#include "daemon/page_codes.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"

#include <utility>

namespace pep::daemon {

namespace {

/// Of the file's name. It needs to be unused, not secret: others cannot look into the folder.
constexpr std::size_t name_bytes = 9;

/// Neither `url` nor `code` holds anything HTML takes for its own.
/// A redirect without script, and a link for browsers that do not follow it.
std::string page_for(const std::string& url, std::string_view code) {
    std::string address = url;
    address.append("#").append(code);
    return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
           "<meta name=\"referrer\" content=\"no-referrer\">\n"
           "<meta http-equiv=\"refresh\" content=\"0; url=" +
           address + "\">\n<title>pep-json-server</title>\n<p><a href=\"" + address +
           "\">Open the test page</a></p>\n";
}

} // namespace

PageCodes::~PageCodes() {
    for (const auto& entry : entries_)
        drop(entry);
}

Expected<std::string> PageCodes::create_file(const std::string& url) {
    auto code = random_token();
    const auto name = random_bytes(name_bytes);
    if (!code || !name)
        return fail(0, "the system has no random numbers");
    Entry entry{std::move(*code), folder_ / ("open-" + base64url_encode(*name) + ".html"), {}, {}};
    auto page = page_for(url, entry.code.reveal());
    // Without the lock: redeem() on the loop thread does not wait for this.
    auto stamp = replace_private_file(entry.file, page);
    wipe(page.data(), page.size());
    if (!stamp)
        return fail(stamp);
    entry.stamp = *stamp;
    // From here on: the time it took to write the file is not the user's.
    entry.ends = now_() + lifetime;
    auto path = entry.file.string();
    const std::scoped_lock lock{mutex_};
    // Who asks again and again fills neither folder nor memory.
    if (entries_.size() >= most) {
        drop(entries_.front());
        entries_.erase(entries_.begin());
    }
    entries_.push_back(std::move(entry));
    return path;
}

bool PageCodes::redeem(std::string_view code) {
    expire();
    const std::scoped_lock lock{mutex_};
    auto found = entries_.end();
    // To the end even if it is found: the time tells nothing about the place.
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry)
        if (entry->code.equals(code))
            found = entry;
    if (found == entries_.end())
        return false;
    drop(*found);
    entries_.erase(found);
    return true;
}

void PageCodes::expire() {
    const auto now = now_();
    const std::scoped_lock lock{mutex_};
    std::erase_if(entries_, [&](const Entry& entry) {
        if (entry.ends > now)
            return false;
        drop(entry);
        return true;
    });
}

void PageCodes::drop(const Entry& entry) { (void)remove_if_ours(entry.file, entry.stamp); }

} // namespace pep::daemon
