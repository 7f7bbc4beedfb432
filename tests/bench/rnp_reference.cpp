// librnp alone: encrypt and sign, decrypt and verify.
#include "rnp_reference.hpp"

#include <rnp/rnp_err.h>

#include <stdexcept>

namespace reference {
namespace {

using Input = std::unique_ptr<rnp_input_st, Freed<rnp_input_destroy>>;
using Output = std::unique_ptr<rnp_output_st, Freed<rnp_output_destroy>>;

void check(rnp_result_t result, const char* what) {
    if (result != RNP_SUCCESS)
        throw std::runtime_error(std::string(what) + ": " + rnp_result_to_string(result));
}

Input from_memory(std::string_view bytes) {
    rnp_input_t input = nullptr;
    check(
        rnp_input_from_memory(
            &input, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), false
        ),
        "input"
    );
    return Input(input);
}

Output to_memory() {
    rnp_output_t output = nullptr;
    check(rnp_output_to_memory(&output, 0), "output");
    return Output(output);
}

std::string content(const Output& output) {
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    check(rnp_output_memory_get_buf(output.get(), &bytes, &size, false), "output buffer");
    return {reinterpret_cast<const char*>(bytes), size};
}

} // namespace

OpenPgp::OpenPgp(const std::vector<std::string>& key_files) {
    rnp_ffi_t ffi = nullptr;
    check(rnp_ffi_create(&ffi, "GPG", "GPG"), "context");
    ffi_.reset(ffi);
    for (const auto& file : key_files) {
        rnp_input_t input = nullptr;
        check(rnp_input_from_path(&input, file.c_str()), "key file");
        const Input owned(input);
        check(
            rnp_load_keys(ffi, "GPG", input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS),
            "keys"
        );
    }
}

OpenPgp::Key OpenPgp::key(const std::string& fingerprint) {
    rnp_key_handle_t handle = nullptr;
    check(rnp_locate_key(ffi_.get(), "fingerprint", fingerprint.c_str(), &handle), "key");
    if (!handle)
        throw std::runtime_error("no such key");
    return Key(handle);
}

std::string OpenPgp::encrypt(
    std::string_view text, const std::string& signer, const std::vector<std::string>& recipients
) {
    const Input input = from_memory(text);
    const Output output = to_memory();
    rnp_op_encrypt_t operation = nullptr;
    check(rnp_op_encrypt_create(&operation, ffi_.get(), input.get(), output.get()), "encryption");
    const std::unique_ptr<rnp_op_encrypt_st, Freed<rnp_op_encrypt_destroy>> owned(operation);
    for (const auto& recipient : recipients)
        check(rnp_op_encrypt_add_recipient(operation, key(recipient).get()), "recipient");
    check(rnp_op_encrypt_add_signature(operation, key(signer).get(), nullptr), "signer");
    check(rnp_op_encrypt_set_armor(operation, true), "armor");
    check(rnp_op_encrypt_set_cipher(operation, "AES256"), "cipher");
    check(rnp_op_encrypt_set_compression(operation, "Uncompressed", 0), "compression");
    check(rnp_op_encrypt_execute(operation), "encryption");
    check(rnp_output_finish(output.get()), "output");
    return content(output);
}

std::string OpenPgp::decrypt(std::string_view armored) {
    const Input input = from_memory(armored);
    const Output output = to_memory();
    rnp_op_verify_t operation = nullptr;
    check(rnp_op_verify_create(&operation, ffi_.get(), input.get(), output.get()), "decryption");
    const std::unique_ptr<rnp_op_verify_st, Freed<rnp_op_verify_destroy>> owned(operation);
    check(rnp_op_verify_execute(operation), "decryption");
    rnp_op_verify_signature_t signature = nullptr;
    check(rnp_op_verify_get_signature_at(operation, 0, &signature), "signature");
    check(rnp_op_verify_signature_get_status(signature), "signature");
    return content(output);
}

std::string new_public_key(const std::string& user_id) {
    // a context for each key: librnp looks through all it holds whenever one is added
    rnp_ffi_t ffi = nullptr;
    check(rnp_ffi_create(&ffi, "GPG", "GPG"), "context");
    const std::unique_ptr<rnp_ffi_st, Freed<rnp_ffi_destroy>> owned_context(ffi);
    rnp_key_handle_t handle = nullptr;
    check(rnp_generate_key_25519(ffi, user_id.c_str(), nullptr, &handle), "new key");
    const std::unique_ptr<rnp_key_handle_st, Freed<rnp_key_handle_destroy>> owned(handle);
    const Output output = to_memory();
    check(
        rnp_key_export(handle, output.get(), RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_SUBKEYS),
        "export"
    );
    return content(output);
}

} // namespace reference
