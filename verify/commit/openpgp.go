package commit

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// keyring are OpenPGP keys.
type keyring openpgp.EntityList

const (
	beginKey = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
)

// parseKeys reads armoured public keys, one block after the other.
func parseKeys(name string, data []byte) (keyring, error) {
	text := string(data)
	if strings.Count(text, "-----BEGIN PGP") != strings.Count(text, beginKey) {
		return nil, fmt.Errorf(
			"%s: not only public keys: export them with gpg --export --armor KEY", name)
	}
	var all keyring
	for _, block := range strings.Split(text, beginKey)[1:] {
		list, err := openpgp.ReadArmoredKeyRing(strings.NewReader(beginKey + block))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, e := range list {
			if e.PrivateKey != nil {
				return nil, fmt.Errorf("%s: has a private key", name)
			}
		}
		all = append(all, list...)
	}
	return all, nil
}

func (k keyring) check(c git.Commit) (string, error) {
	sig, raw, err := parsePGP(c.Signature)
	if err != nil {
		return "", fmt.Errorf("its OpenPGP signature: %w", err)
	}
	all := openpgp.EntityList(k)
	_, entity, err := openpgp.VerifyDetachedSignature(all, bytes.NewReader(c.Payload),
		bytes.NewReader(raw), nil)
	if errors.Is(err, pgperrors.ErrKeyExpired) || errors.Is(err, pgperrors.ErrSignatureExpired) {
		err = nil // now; but what of it when the signature was made?
	}
	switch {
	case err != nil && len(all.KeysById(*sig.IssuerKeyId)) == 0:
		return "", fmt.Errorf("it is signed with the OpenPGP key %016X, which is not listed",
			*sig.IssuerKeyId)
	case err == nil:
		err = valid(entity, sig)
	}
	if err != nil {
		return "", fmt.Errorf("its OpenPGP signature: %w", err)
	}
	who := fmt.Sprintf("OpenPGP key %X", entity.PrimaryKey.Fingerprint)
	if id := entity.PrimaryIdentity(); id != nil {
		return id.Name + " (" + who + ")", nil
	}
	return who, nil
}

// valid says why the key of a signature that fits does not count. A key that is
// revoked at all counts no longer, for whatever reason: when, and when the signature
// was made, is only a claim.
func valid(e *openpgp.Entity, sig *packet.Signature) error {
	self, id := e.PrimarySelfSignature()
	if len(e.Revocations) > 0 || id != nil && len(id.Revocations) > 0 {
		return errors.New("the key is revoked")
	}
	if self == nil || e.PrimaryKey.KeyExpired(self, sig.CreationTime) {
		return errors.New("the key had expired")
	}
	for _, s := range e.Subkeys {
		switch {
		case s.PublicKey.KeyId != *sig.IssuerKeyId:
		case len(s.Revocations) > 0:
			return errors.New("the subkey is revoked")
		case s.PublicKey.KeyExpired(s.Sig, sig.CreationTime):
			return errors.New("the subkey had expired")
		}
	}
	if sig.SigExpired(time.Now()) {
		return errors.New("it has expired, or is of the future")
	}
	return nil
}

// parsePGP reads an armoured signature, which has to be one, of the kind that git has
// gpg make.
func parsePGP(armoured string) (*packet.Signature, []byte, error) {
	if strings.Count(armoured, "-----BEGIN") != 1 {
		return nil, nil, errors.New("more than one signature")
	}
	block, err := armor.Decode(strings.NewReader(armoured))
	if err != nil {
		return nil, nil, err
	}
	raw, err := io.ReadAll(block.Body)
	if err != nil {
		return nil, nil, err
	}
	packets := packet.NewReader(bytes.NewReader(raw))
	first, err := packets.Next()
	if err != nil {
		return nil, nil, err
	}
	sig, ok := first.(*packet.Signature)
	if !ok || sig.IssuerKeyId == nil {
		return nil, nil, errors.New("cannot be read")
	}
	if _, err := packets.Next(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("more than one signature")
	}
	switch {
	case sig.SigType != packet.SigTypeBinary:
		return nil, nil, errors.New("it is not over bytes as they are")
	case sig.Hash != crypto.SHA256 && sig.Hash != crypto.SHA384 && sig.Hash != crypto.SHA512:
		return nil, nil, fmt.Errorf("weak or unknown hash function %s", sig.Hash)
	}
	return sig, raw, nil
}
