// Structs and lists, by the toy library.
#include "marshal/check.hpp"
#include "marshal/fields.hpp"
#include "support/toy.hpp"

namespace pep::marshal {
namespace {

TEST(Fields, KeepDeclaredOrderAndOmitWhatIsUnset) {
    EXPECT_EQ(
        round_trip<toy::person*>(R"({"me":true,"lang":"DE","address":"a@x.test"})"),
        R"({"address":"a@x.test","feels":{"mood":0},"lang":"de","me":true,"marks":0})"
    );
}

TEST(Fields, ReadNestedStructs) {
    EXPECT_EQ(
        round_trip<toy::person*>(R"({"age":30,"boss":{"name":"B","feels":5}})"),
        R"({"feels":{"mood":0},"me":false,"marks":0,"age":30,)"
        R"("boss":{"name":"B","feels":{"mood":5},"me":false,"marks":0}})"
    );
}

TEST(Fields, IgnoreUnknownMembersAndTakeNullAsUnset) {
    EXPECT_EQ(
        round_trip<toy::person*>(R"({"msgId":7,"address":null,"feels":null,"boss":null})"),
        R"({"feels":{"mood":0},"me":false,"marks":0})"
    );
}

TEST(Fields, NullAndEmptyObjectAreNullWhereDeclared) {
    EXPECT_EQ(round_trip<toy::person*>("null"), "null");
    EXPECT_EQ(round_trip<toy::person*>("{}"), "null");
    EXPECT_EQ(round_trip<toy::letter*>("{}"), "{}");
}

TEST(Fields, NameTheMemberThatIsWrong) {
    EXPECT_EQ(
        refusal<toy::person*>(R"({"boss":{"address":7}})"),
        "wrong_type at /x/boss/address: expected a string"
    );
    EXPECT_EQ(refusal<toy::person*>("[]"), "wrong_type at /x: expected an object (Person)");
    EXPECT_EQ(
        refusal<toy::person*>(R"({"age":40000})"),
        "out_of_range at /x/age: expected an integer from -32768 to 32767"
    );
    EXPECT_EQ(
        refusal<toy::letter*>(R"({"to":[{},{"boss":{"me":1}}]})"),
        "wrong_type at /x/to/1/boss/me: expected true or false"
    );
}

TEST(Fields, CharacterArraysRefuseWhatDoesNotFit) {
    EXPECT_EQ(round_trip<toy::letter*>(R"({"code":"abc"})"), R"({"code":"abc"})");
    EXPECT_EQ(
        refusal<toy::letter*>(R"({"code":"abcd"})"), "too_long at /x/code: expected at most 3 bytes"
    );
}

TEST(Fields, LanguageMembersAreAsLenientAsClientsNeed) {
    EXPECT_EQ(
        round_trip<toy::person*>(R"({"lang":"","me":true})"),
        R"({"feels":{"mood":0},"me":true,"marks":0})"
    );
    EXPECT_NE(
        round_trip<toy::person*>(R"({"lang":"de_CH"})").find(R"("lang":"de")"), std::string::npos
    );
    EXPECT_NE(refusal<toy::person*>(R"({"lang":"??"})"), "");
}

TEST(Fields, OmitZeroLeavesZeroTimesIn) {
    EXPECT_EQ(
        round_trip<toy::letter*>(R"({"dir":0,"how":0,"sent":0,"subject":""})"),
        R"({"subject":"","sent":0})"
    );
    EXPECT_EQ(round_trip<toy::letter*>(R"({"dir":1,"how":3})"), R"({"dir":1,"how":3})");
}

TEST(Fields, ByValueWriteNullWhereDeclared) {
    const Path root;
    const toy::about about{3, "n", {}};
    EXPECT_EQ(
        Type<toy::about>::encode(about, root)->dump(), R"({"major":3,"name":"n","package":null})"
    );
    EXPECT_EQ(
        round_trip<toy::about>(R"({"package":"p"})"), R"({"major":0,"name":"","package":"p"})"
    );
}

TEST(Fields, RefuseToWriteInvalidUtf8AndSayWhere) {
    toy::person boss{};
    toy::person person{};
    char name[] = "\xFF";
    boss.name = name;
    person.boss = &boss;
    const Path root;
    const auto out = Type<toy::person*>::encode(&person, root);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().where, "/boss/name");
}

TEST(Fields, SchemaDescribesEachMemberAndRefersToTypes) {
    Schemas schemas;
    EXPECT_EQ(
        Type<toy::letter*>::schema(schemas).dump(), R"({"$ref":"#/components/schemas/Letter"})"
    );
    const json& letter = schemas.definitions()["Letter"];
    EXPECT_EQ(letter["description"], "A letter.");
    EXPECT_EQ(
        letter["properties"]["from"].dump(),
        R"({"$ref":"#/components/schemas/Person","description":"by whom"})"
    );
    EXPECT_EQ(
        schemas.definitions()["Person"]["properties"]["boss"]["$ref"], "#/components/schemas/Person"
    );
    EXPECT_EQ(schemas.definitions()["File"]["properties"]["size"]["readOnly"], true);
}

TEST(Lists, AreArrays) {
    EXPECT_EQ(round_trip<toy::strings*>(R"(["a","","c"])"), R"(["a","","c"])");
    EXPECT_EQ(
        round_trip<toy::people*>(R"([{"name":"A"}])"),
        R"([{"name":"A","feels":{"mood":0},"me":false,"marks":0}])"
    );
}

TEST(Lists, NullComesInAsNoListAndGoesOutAsEmptyArray) {
    EXPECT_EQ(round_trip<toy::strings*>("null"), "[]");
    EXPECT_EQ(round_trip<toy::strings*>("[]"), "[]");
}

TEST(Lists, EmptyArrayIsAnEmptyNodeOrNoListAsDeclared) {
    const Path root;
    EXPECT_TRUE(Type<toy::strings*>::decode(json::array(), root)->get());
    EXPECT_FALSE(Type<toy::file*>::decode(json::array(), root)->get());
    EXPECT_EQ(round_trip<toy::letter*>(R"({"words":[],"files":[]})"), R"({"words":[]})");
}

TEST(Lists, EndAtTheFirstEmptyNodeWhereDeclared) {
    EXPECT_EQ(round_trip<toy::people*>(R"([{},{"name":"never"}])"), "[]");
    EXPECT_EQ(round_trip<toy::people*>(R"([null])"), "[]");
}

TEST(Lists, NameTheWrongElement) {
    EXPECT_EQ(refusal<toy::strings*>(R"(["a",null])"), "wrong_type at /x/1: expected a string");
    EXPECT_EQ(refusal<toy::strings*>("\"a\""), "wrong_type at /x: expected an array (StringList)");
    EXPECT_EQ(refusal<toy::file*>("[7]"), "wrong_type at /x/0: expected an object (File)");
}

TEST(Lists, OfFilesCarryBase64AndCount) {
    EXPECT_EQ(
        round_trip<toy::file*>(R"([{"value":"SGFsbG8=","size":99,"name":"h.txt"},{"name":"e"}])"),
        R"([{"value":"SGFsbG8=","size":5,"name":"h.txt"},{"size":0,"name":"e"}])"
    );
    EXPECT_EQ(
        refusal<toy::file*>(R"([{"value":"%"}])"), "invalid_base64 at /x/0/value: expected base64"
    );
}

TEST(Lists, OfAHundredThousandAreWalkedWithoutRecursion) {
    json many = json::array();
    for (int i = 0; i < 100000; ++i)
        many.push_back("x");
    const Path root;
    const auto list = Type<toy::strings*>::decode(many, root);
    ASSERT_TRUE(list);
    EXPECT_EQ(Type<toy::strings*>::encode(list->get(), root)->size(), 100000U);
}

} // namespace
} // namespace pep::marshal
