// Certificates of unusual structure, made with librnp outside the engine: chosen capabilities,
// sizes, lifetimes, revoked subkeys, locked parts, several user ids.
#pragma once

#include "engine/backend/rnp.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pep::engine {

/// One (sub)key of a certificate to be made; the default signs with Ed25519.
struct PartPlan {
    const char* algorithm = "EDDSA";
    const char* curve = nullptr; ///< for ECDH and ECDSA
    std::uint32_t bits = 0;      ///< for RSA
    std::vector<const char*> usages{"sign"};
    std::uint32_t lifetime_s = 0; ///< 0 = for ever
    bool revoked = false;
    const char* passphrase = nullptr; ///< locks this part
};

inline PartPlan signing() { return {}; }

inline PartPlan encrypting() {
    PartPlan plan;
    plan.algorithm = "ECDH";
    plan.curve = "Curve25519";
    plan.usages = {"encrypt"};
    return plan;
}

inline PartPlan rsa(std::uint32_t bits, std::vector<const char*> usages) {
    PartPlan plan;
    plan.algorithm = "RSA";
    plan.bits = bits;
    plan.usages = std::move(usages);
    return plan;
}

/// A certificate with its secret parts, in a scratch ffi where it can be changed further.
class Certificate {
  public:
    Certificate(const char* user_id, const PartPlan& primary, const std::vector<PartPlan>& subkeys)
        : ffi_(rnp::make_ffi()) {
        auto op = rnp::make<rnp::GenerateOp>([&](auto* out) {
            return rnp_op_generate_create(out, ffi_.get(), primary.algorithm);
        });
        EXPECT_EQ(rnp_op_generate_set_userid(op.get(), user_id), RNP_SUCCESS);
        primary_ = made(op.get(), primary);
        for (const auto& plan : subkeys) {
            op = rnp::make<rnp::GenerateOp>([&](auto* out) {
                return rnp_op_generate_subkey_create(
                    out, ffi_.get(), primary_.get(), plan.algorithm
                );
            });
            parts_.push_back(made(op.get(), plan));
        }
        // Revoked and locked last: a locked primary key binds no subkey.
        for (std::size_t i = 0; i < subkeys.size(); ++i) {
            if (subkeys[i].revoked)
                revoke_subkey(i);
            lock(parts_[i].get(), subkeys[i]);
        }
        lock(primary_.get(), primary);
    }

    [[nodiscard]] std::string fpr() const { return rnp::fingerprint(primary_.get()); }

    [[nodiscard]] std::string subkey_fpr(std::size_t i) const {
        return rnp::fingerprint(parts_.at(i).get());
    }

    [[nodiscard]] std::string public_key() const {
        return rnp::armored(
            rnp::export_certificate(primary_.get(), RNP_KEY_EXPORT_PUBLIC), "public key"
        );
    }

    [[nodiscard]] std::string secret_key() const {
        return rnp::armored(
            rnp::export_certificate(primary_.get(), RNP_KEY_EXPORT_SECRET), "secret key"
        );
    }

    void add_user_id(const char* user_id) {
        EXPECT_EQ(rnp_key_add_uid(primary_.get(), user_id, "SHA256", 0, 0x03, false), RNP_SUCCESS);
    }

    /// Seconds after creation; of the primary key and all subkeys.
    void set_lifetime(std::uint32_t seconds) {
        EXPECT_EQ(rnp_key_set_expiration(primary_.get(), seconds), RNP_SUCCESS);
        for (const auto& part : parts_)
            EXPECT_EQ(rnp_key_set_expiration(part.get(), seconds), RNP_SUCCESS);
    }

    void revoke() {
        EXPECT_EQ(rnp_key_revoke(primary_.get(), 0, "SHA256", "no", "gone"), RNP_SUCCESS);
    }

    void revoke_subkey(std::size_t i) {
        EXPECT_EQ(rnp_key_revoke(parts_.at(i).get(), 0, "SHA256", "no", "gone"), RNP_SUCCESS);
    }

  private:
    static rnp::Key made(rnp_op_generate_t op, const PartPlan& plan) {
        EXPECT_EQ(rnp_op_generate_set_hash(op, "SHA256"), RNP_SUCCESS);
        EXPECT_EQ(rnp_op_generate_set_expiration(op, plan.lifetime_s), RNP_SUCCESS);
        if (plan.curve != nullptr) {
            EXPECT_EQ(rnp_op_generate_set_curve(op, plan.curve), RNP_SUCCESS);
        }
        if (plan.bits != 0) {
            EXPECT_EQ(rnp_op_generate_set_bits(op, plan.bits), RNP_SUCCESS);
        }
        for (const char* usage : plan.usages)
            EXPECT_EQ(rnp_op_generate_add_usage(op, usage), RNP_SUCCESS) << usage;
        EXPECT_EQ(rnp_op_generate_execute(op), RNP_SUCCESS);
        return rnp::make<rnp::Key>([&](auto* out) { return rnp_op_generate_get_key(op, out); });
    }

    static void lock(rnp_key_handle_t key, const PartPlan& plan) {
        if (plan.passphrase == nullptr)
            return;
        EXPECT_EQ(
            rnp_key_protect(key, plan.passphrase, "AES256", nullptr, "SHA256", 65536), RNP_SUCCESS
        );
    }

    rnp::Ffi ffi_;
    rnp::Key primary_;
    std::vector<rnp::Key> parts_;
};

} // namespace pep::engine
