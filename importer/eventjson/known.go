package eventjson

// meaning is what an object's member of some name is known for.
type meaning struct {
	name   string
	scalar marks // where its value is no container and not empty
	nested marks // where it is one
	nxlog  nxlogRole
	list   bool // it may hold events
	early  bool // it may come first in an object that has a list
}

// unknown is what all other names are known for.
var unknown meaning

// known are the members by their names: a table in which the name's place is
// its hash, or one soon after.
var known = func() (t [1 << knownBits]*meaning) {
	for _, names := range []map[string]marks{scalar, containers} {
		for name := range names {
			enter(&t, name)
		}
	}
	for name := range nxlogRoles {
		enter(&t, name)
	}
	for _, names := range []map[string]bool{lists, early} {
		for name := range names {
			enter(&t, name)
		}
	}
	return t
}()

const knownBits = 9

func enter(t *[1 << knownBits]*meaning, name string) {
	i := hash(name) >> (32 - knownBits)
	for ; t[i] != nil; i = (i + 1) % (1 << knownBits) {
		if t[i].name == name {
			return
		}
	}
	t[i] = &meaning{name, scalar[name], containers[name], nxlogRoles[name], lists[name], early[name]}
}

// knownAs is what a member's name is known for.
func knownAs[text string | []byte](of text) *meaning {
	for i := hash(of) >> (32 - knownBits); known[i] != nil; i = (i + 1) % (1 << knownBits) {
		if known[i].name == string(of) {
			return known[i]
		}
	}
	return &unknown
}

// hash is of a name's length and some of its bytes, which tell names apart. Its
// highest bits are the best.
func hash[text string | []byte](name text) uint32 {
	n := uint32(len(name))
	if n == 0 {
		return 0
	}
	h := n ^ uint32(name[0])<<8 ^ uint32(name[n-1])<<16 ^ uint32(name[n/2])<<24 ^ uint32(name[n/4])<<4
	return h * 0x9E3779B1
}
