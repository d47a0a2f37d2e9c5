// This file tests structs that lend relationships and constraints to those that
// embed them.

package orm_test

import (
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Keeper is whom pets belong to, by a field for each kind of pet.
type Keeper struct {
	orm.Base `orm:"table:keepers"`

	ID      int64
	Name    string    `orm:"size:20"`
	Hounds  []*Hound  `orm:"back_populates:Keeper;cascade:all,delete-orphan"`
	Parrots []*Parrot `orm:"back_populates:Keeper"`
}

// Kept is lent to structs whose objects belong to a keeper.
type Kept struct {
	KeeperID *int64 `orm:"index;ondelete:cascade"`
	Keeper   *Keeper
}

func (*Kept) ConfigureMapper(c *orm.MapperConfig) {
	c.Relationship("Keeper").BackPopulates(c.Name() + "s")
	c.Table(orm.TableComment("kept in "+c.TableName()), orm.NewIndex("ix_kept_"+c.TableName(), "keeper_id", "name"))
}

// Pet is abstract: its columns and constraints are those of the structs that embed it.
type Pet struct {
	orm.Base `orm:"abstract;unique:(Name);check:named(name <> '')"`

	ID   int64
	Name string `orm:"size:20"`
	Kept
	Notes []*PetNote `orm:"-"`
}

type Hound struct {
	Pet   `orm:"table:hounds;index:(breed,Name)"`
	Breed string `orm:"size:20"`
}

type Parrot struct {
	Pet `orm:"table:parrots"`
}

type PetNote struct {
	orm.Base
	ID int64
}

var kennel = orm.MustRegister(&Keeper{}, &Hound{}, &Parrot{})

func TestRelationshipOfAnEmbeddedStructIsThatOfEachModel(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := db.withTables(t, kennel).session(t)
		ann := &Keeper{Name: "ann", Hounds: []*Hound{{Pet: Pet{Name: "rex"}, Breed: "pug"}}}
		polly := &Parrot{Pet: Pet{Name: "polly", Kept: Kept{Keeper: ann}}}
		s.Add(ann)
		s.Add(polly)
		must(t, s.Commit(ctx))
		expect(t, []*int64{&ann.ID, &ann.ID}, []*int64{ann.Hounds[0].KeeperID, polly.KeeperID})
		expect(t, true, ann.Hounds[0].Keeper == ann)
		s.ExpungeAll()
		k, h, p := orm.Entity[Keeper](), orm.Entity[Hound](), orm.Entity[Parrot]()
		ann = get(orm.Query[Keeper](s).Join(&k.Hounds).Filter(orm.C(&h.Name).Eq("rex")).Options(orm.SelectInLoad(&k.Hounds), orm.JoinedLoad(&k.Parrots)).One(ctx))(t)
		expect(t, []string{"rex", "polly"}, []string{ann.Hounds[0].Name, ann.Parrots[0].Name})
		expect(t, true, ann.Parrots[0].Keeper == ann)
		found := get(orm.Query[Parrot](s).Filter(orm.One(&p.Keeper).Has(orm.C(&k.Name).Eq("ann"))).All(ctx))(t)
		expect(t, 1, len(found))
		s.Delete(ann)
		must(t, s.Commit(ctx))
		expect(t, []int64{0}, get(orm.Fetch[int64](ctx, s, orm.Select(orm.Count()).From(h)))(t))
	})
}

func TestConstraintsOfAnAbstractStructAreNamedForEachTable(t *testing.T) {
	statements := get(kennel.Metadata().CreateSQL("postgres"))(t)
	text := strings.Join(statements, "\n")
	for _, want := range []string{
		"CONSTRAINT uq_hounds_name UNIQUE (name)", "CONSTRAINT uq_parrots_name UNIQUE (name)",
		"CONSTRAINT ck_hounds_named CHECK (name <> '')", "CONSTRAINT ck_parrots_named CHECK (name <> '')",
		"CONSTRAINT fk_hounds_keeper_id_keepers FOREIGN KEY (keeper_id) REFERENCES keepers (id) ON DELETE CASCADE",
		"CONSTRAINT fk_parrots_keeper_id_keepers FOREIGN KEY (keeper_id) REFERENCES keepers (id) ON DELETE CASCADE",
		"CREATE INDEX ix_hounds_keeper_id ON hounds (keeper_id)", "CREATE INDEX ix_parrots_keeper_id ON parrots (keeper_id)",
		"CREATE INDEX ix_kept_hounds ON hounds (keeper_id, name)", "CREATE INDEX ix_kept_parrots ON parrots (keeper_id, name)",
		"CREATE INDEX ix_hounds_breed_name ON hounds (breed, name)",
		"COMMENT ON TABLE parrots IS 'kept in parrots'",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "pet_note") {
		t.Error("a field that is left out makes no table")
	}
	hounds, parrots := kennel.Metadata().Table("hounds"), kennel.Metadata().Table("parrots")
	expect(t, false, hounds.Column("name") == parrots.Column("name"))
}

// talkative has something to say of those that embed it, as Kept has.
type talkative struct{ Note string }

func (*talkative) ConfigureMapper(c *orm.MapperConfig) { c.Table(orm.Unique("note")) }

// Calm embeds both, and asks both.
type Calm struct {
	Pet `orm:"table:calms"`
	talkative
}

func (c *Calm) ConfigureMapper(config *orm.MapperConfig) {
	c.talkative.ConfigureMapper(config)
	config.Table(nil)
	config.Relationship("Keeper").BackPopulates("Hounds")
}

func TestEmbeddedStructsThatSpeakAreNotUnheard(t *testing.T) {
	type Torn struct {
		orm.Base
		ID int64
		Kept
		talkative
	}
	err := orm.NewRegistry().Register(&Keeper{}, &Torn{})
	expect(t, "orm: map Torn: ConfigureMapper is promoted from more than one of Kept and talkative (declare one of its own that calls them)", err.Error())
	err = orm.NewRegistry().Register(&Keeper{}, &Calm{})
	expect(t, "orm: map Calm: an item that ConfigureMapper adds to the table is nil", err.Error())
}
