"""Every function of the original's interface, with its parameters in wire order, as a literal table.

`i` a value, `io` a value that comes back, `o` a placeholder of an output, `len` one of a length. Behind the arrow
stands the type of the return value. The groups and their order are those of the original's function table.
"""

SYNC = {  # they come with the engine parts they need
    'deliverHandshakeResult', 'leave_device_group', 'enable_identity_for_sync', 'disable_identity_for_sync',
    'disable_all_sync_channels', 'adapter_group_create', 'adapter_group_dissolve', 'adapter_group_invite_member',
    'adapter_group_remove_member', 'adapter_group_join', 'adapter_group_query_groups', 'adapter_group_query_manager',
    'adapter_group_query_members', 'startSync', 'stopSync',
}

# On side branches of the original only; nobody can rely on them.
BRANCHES = ['getNextEvent', 'group_create', 'group_join', 'group_dissolve', 'group_invite_member', 'group_remove_member',
            'group_rating', 'ENGINE-857']

# 85 functions of the newest original.
NEWEST = '''
encrypt_message: io Message, i StringList, o Message, i PEP_enc_format, i Integer -> PEP_STATUS
cache_encrypt_message: io Message, i StringList, o Message, i PEP_enc_format, i Integer -> PEP_STATUS
encrypt_message_and_add_priv_key: i Message, o Message, i String, i PEP_enc_format, i Integer -> PEP_STATUS
encrypt_message_for_self: i Identity, i Message, i StringList, o Message, i PEP_enc_format, i Integer -> PEP_STATUS
cache_encrypt_message_for_self: i Identity, i Message, i StringList, o Message, i PEP_enc_format, i Integer -> PEP_STATUS
decrypt_message: io Message, o Message, io StringList, o PEP_rating, io Integer -> PEP_STATUS
cache_decrypt_message: io Message, o Message, io StringList, o PEP_rating, io Integer -> PEP_STATUS
get_key_rating_for_user: i String, i String, o PEP_rating -> PEP_STATUS
mime_encode_message: i Message, i Bool, o String -> PEP_STATUS
cache_mime_encode_message: i Integer, i Message, i Bool, o String -> PEP_STATUS
cache_release: i String -> PEP_STATUS
mime_decode_message: i String, len Integer, o Message -> PEP_STATUS
cache_mime_decode_message: i String, len Integer, o Message -> PEP_STATUS
get_trustwords: i Identity, i Identity, i Language, o String, o Integer, i Bool -> PEP_STATUS
re_evaluate_message_rating: io Message, i StringList, i PEP_rating, o PEP_rating -> PEP_STATUS
get_languagelist: o String -> PEP_STATUS
is_pEp_user: i Identity, o Bool -> PEP_STATUS
config_passive_mode: i Bool -> Void
config_unencrypted_subject: i Bool -> Void
config_service_log: i Bool -> Void
config_cipher_suite: i PEP_CIPHER_SUITE -> Void
config_passphrase: i String -> Void
config_passphrase_for_new_keys: i Bool, i String -> Void
set_comm_partner_key: io Identity, i String -> PEP_STATUS
get_identity: i String, i String, o Identity -> PEP_STATUS
set_identity: i Identity -> PEP_STATUS
mark_as_comprimized: i String -> PEP_STATUS
identity_rating: i Identity, o PEP_rating -> PEP_STATUS
outgoing_message_rating: i Message, o PEP_rating -> PEP_STATUS
outgoing_message_rating_with_partner_info: i Message, o PEP_rating, o Bool -> PEP_STATUS
outgoing_message_rating_preview: i Message, o PEP_rating -> PEP_STATUS
set_identity_flags: io Identity, i Integer -> PEP_STATUS
unset_identity_flags: io Identity, i Integer -> PEP_STATUS
generate_keypair: io Identity -> PEP_STATUS
delete_keypair: i String -> PEP_STATUS
import_key: i BinaryString, len Integer, o IdentityList -> PEP_STATUS
import_key_with_fpr_return: i BinaryString, len Integer, o IdentityList, o IdentityList, o StringList, o Integer -> PEP_STATUS
import_extrakey_with_fpr_return: i BinaryString, len Integer, o IdentityList, o StringList, o Integer -> PEP_STATUS
export_key: i String, o String, o Integer -> PEP_STATUS
export_secret_key: i String, o String, o Integer -> PEP_STATUS
find_keys: i String, o StringList -> PEP_STATUS
get_trust: io Identity -> PEP_STATUS
own_key_is_listed: i String, o Bool -> PEP_STATUS
own_identities_retrieve: o IdentityList -> PEP_STATUS
set_own_key: io Identity, i String -> PEP_STATUS
key_reset_identity: i Identity, i String -> PEP_STATUS
key_reset_user: i String, i String -> PEP_STATUS
key_reset_all_own_keys: -> PEP_STATUS
myself: io Identity -> PEP_STATUS
update_identity: io Identity -> PEP_STATUS
trust_personal_key: i Identity -> PEP_STATUS
trust_own_key: i Identity -> PEP_STATUS
key_mistrusted: i Identity -> PEP_STATUS
key_reset_trust: i Identity -> PEP_STATUS
least_trust: i String, o PEP_comm_type -> PEP_STATUS
get_key_rating: i String, o PEP_comm_type -> PEP_STATUS
renew_key: i String, i Timestamp -> PEP_STATUS
revoke: i String, i String -> PEP_STATUS
key_expired: i String, i Integer, o Bool -> PEP_STATUS
OpenPGP_list_keyinfo: i String, o StringPairList -> PEP_STATUS
deliverHandshakeResult: i PEP_sync_handshake_result, i IdentityList -> PEP_STATUS
pollForEvents: i String, i Integer -> Array
create_session: -> String
close_session: i String -> Void
leave_device_group: -> PEP_STATUS
enable_identity_for_sync: io Identity -> PEP_STATUS
disable_identity_for_sync: io Identity -> PEP_STATUS
disable_all_sync_channels: -> PEP_STATUS
adapter_group_create: io Identity, io Identity, io IdentityList -> PEP_STATUS
adapter_group_dissolve: i Identity, i Identity -> PEP_STATUS
adapter_group_invite_member: i Identity, i Identity -> PEP_STATUS
adapter_group_remove_member: i Identity, i Identity -> PEP_STATUS
adapter_group_join: i Identity, i Identity, i Identity -> PEP_STATUS
adapter_group_query_groups: i Identity, o IdentityList -> PEP_STATUS
adapter_group_query_manager: i Identity, o Identity -> PEP_STATUS
adapter_group_query_members: i Identity, o IdentityList -> PEP_STATUS
startSync: -> Void
stopSync: -> Void
signature_for_text: i BinaryString, len Integer, o String, o Integer -> PEP_STATUS
verify_signature: i BinaryString, len Integer, i BinaryString, len Integer -> PEP_STATUS
serverVersion: -> ServerVersion
version: -> String
getBinaryPath: -> String
testMessageToSend: i Message -> PEP_STATUS
shutdown: -> Void
'''

# 37 functions of older releases; of several shapes the newest.
FORMER = '''
MIME_encrypt_message: i String, len Integer, i StringList, o String, i PEP_enc_format, i Integer -> PEP_STATUS
MIME_encrypt_message_for_self: i Identity, i String, len Integer, i StringList, o String, i PEP_enc_format, i Integer -> PEP_STATUS
MIME_decrypt_message: i String, len Integer, o String, io StringList, o PEP_rating, io Integer, o String -> PEP_STATUS
MIME_encrypt_message_ex: i String, len Integer, i StringList, i Bool, o String, i PEP_enc_format, i Integer -> PEP_STATUS
MIME_decrypt_message_ex: i String, len Integer, i Bool, o String, o StringList, o PEP_rating, o Integer -> PEP_STATUS
startKeySync: -> Void
stopKeySync: -> Void
startKeyserverLookup: -> Void
stopKeyserverLookup: -> Void
outgoing_message_color: i Message, o PEP_rating -> PEP_STATUS
identity_color: i Identity, o PEP_rating -> PEP_STATUS
get_gpg_path: o String -> PEP_STATUS
log_event: i String, i String, i String, i String -> PEP_STATUS
trustwords: i String, i Language, o String, o Integer, i Integer -> PEP_STATUS
get_phrase: i Language, i Integer, o String -> PEP_STATUS
get_engine_version: -> String
is_pep_user: i Identity, o Bool -> PEP_STATUS
undo_last_mitrust: -> PEP_STATUS
undo_last_mistrust: -> PEP_STATUS
update_dentity: io Identity -> PEP_STATUS
own_key_add: i String -> PEP_STATUS
own_key_retrieve: o StringList -> PEP_STATUS
encrypt_and_sign: i StringList, i String, len Integer, o String, o Integer -> PEP_STATUS
registerSession: -> String
releaseSession: i String -> Void
registerEventListener: i String, i Integer, i String -> Void
unregisterEventListener: i String, i Integer, i String -> Void
getGpgEnvironment: -> GpgEnvironment
apiVversion: -> Integer
apiVersion: -> Integer
fullVersion: -> ServerVersion
pollForEvents2: i String, i Integer -> Array
blacklist_add: i String -> PEP_STATUS
blacklist_delete: i String -> PEP_STATUS
blacklist_is_listed: i String, o Bool -> PEP_STATUS
blacklist_retrieve: o StringList -> PEP_STATUS
outgoing_message_rating_with_subject_info: i Message, o PEP_rating, o Bool -> PEP_STATUS
'''

# What this server has besides.
OWN = '''
config_autocrypt_header: i Bool -> Void
ping: -> String
status: -> ServerStatus
'''

DIRECTIONS = {'i': 'In', 'len': 'In', 'o': 'Out', 'io': 'InOut'}


class Signature:
    """One line of the tables."""

    def __init__(self, line):
        self.name, _, rest = line.partition(':')
        params, _, self.returns = rest.partition('-> ')
        self.params = [tuple(param.split()) for param in params.split(',') if param.strip()]

    @property
    def outputs(self):
        """Types of the elements of outParams, in their order: the last one first."""
        return [kind for direction, kind in reversed(self.params) if direction in ('o', 'io')]

    @property
    def described(self):
        """As /pEp_functions.js has it."""
        return {
            'name': self.name, 'return': self.returns, 'separator': False,
            'params': [{'direction': DIRECTIONS[direction], 'type': kind} for direction, kind in self.params],
        }


def signatures(table):
    return [Signature(line) for line in table.split('\n') if line]
