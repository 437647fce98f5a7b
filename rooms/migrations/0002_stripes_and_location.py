from django.db import migrations

STRIPES = [f"booking_stripe_{number:02d}" for number in range(64)]


class Migration(migrations.Migration):
    """What Django's models can't say.

    The stripes are the empty tables on which buyers of one room queue (booking_site.db). The
    foreign key keeps a room's location equal to its property's, whoever changes either.
    """

    dependencies = [("rooms", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[f"CREATE TABLE {stripe} ()" for stripe in STRIPES],
            reverse_sql=[f"DROP TABLE {stripe}" for stripe in STRIPES],
        ),
        migrations.RunSQL(
            sql=(
                "ALTER TABLE rooms_room ADD CONSTRAINT room_location_is_the_propertys "
                "FOREIGN KEY (property_id, location, location_key) "
                "REFERENCES rooms_property (id, location, location_key) ON UPDATE CASCADE"
            ),
            reverse_sql="ALTER TABLE rooms_room DROP CONSTRAINT room_location_is_the_propertys",
        ),
    ]
