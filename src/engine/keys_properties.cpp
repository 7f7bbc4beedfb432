// Raw properties of stored keys; what they mean for trust is decided elsewhere.
#include "engine/keys_impl.hpp"

#include <ctime>

namespace pep::engine {

Expected<PEP_comm_type> KeyRing::rating(std::string_view fpr) {
    auto view = impl_->look_at(fpr);
    if (!view)
        return fail(view);
    return view->rating(std::time(nullptr));
}

Expected<bool> KeyRing::revoked(std::string_view fpr) {
    auto view = impl_->look_at(fpr);
    if (!view)
        return fail(view);
    return view->revoked();
}

Expected<bool> KeyRing::expired(std::string_view fpr, std::time_t when) {
    auto view = impl_->look_at(fpr);
    if (!view)
        return fail(view);
    return view->expired(when);
}

} // namespace pep::engine
