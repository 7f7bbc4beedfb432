// Times: calendar arithmetic of the C library, in UTC.
#include "marshal/scalar.hpp"

namespace pep::marshal {

Expected<Owned<std::tm>> Type<std::tm*>::decode(const json& j, const Path& at) {
    // Refuses null, too: as a parameter, no time means nothing. Members never come here with it.
    auto seconds = Type<std::int64_t>::decode(j, at);
    if (!seconds)
        return fail(seconds);
    Holder time{static_cast<std::tm*>(std::calloc(1, sizeof(std::tm)))};
    if (!time)
        return refuse(at, Fault::out_of_memory, "less data");
    const std::time_t when = *seconds;
    if (!gmtime_r(&when, time.get())) // a year that does not fit an int
        return refuse(at, Fault::out_of_range, "seconds since 1970, of a year the calendar has");
    time->tm_zone = nullptr; // would point at the C library's static text
    return time;
}

Expected<json> Type<std::tm*>::encode(const std::tm* time, const Path&) {
    if (!time)
        return json();
    // What has no day is no date: second 0, as C code writes it.
    if (time->tm_year == 0 && time->tm_mon == 0 && time->tm_mday == 0 && time->tm_hour == 0 &&
        time->tm_min == 0 && time->tm_sec == 0)
        return json(std::int64_t{0});
    std::tm copy = *time; // timegm normalises its argument
    return json(static_cast<std::int64_t>(timegm(&copy)));
}

json Type<std::tm*>::schema(Schemas& schemas) {
    return schemas.ref(name, [](Schemas&) -> json {
        return {{"type", "integer"}, {"description", "seconds since 1970-01-01 00:00:00 UTC"}};
    });
}

} // namespace pep::marshal
